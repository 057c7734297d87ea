import { createHash } from 'node:crypto';
import { type Clock, type Log, makeId, type RandomBytes } from '@sordino/core';
import { maskCardsIn } from '@sordino/observability';
import express, {
  type ErrorRequestHandler,
  type Express,
  type Request,
  type RequestHandler,
  type Router,
} from 'express';
import helmet from 'helmet';
import { type Authenticators, authenticate } from '../auth/authenticate.ts';
import type { Principal } from '../auth/principal.ts';
import { withinScopes } from '../auth/scopes.ts';
import { BODY_BYTES_MAX } from '../limits.ts';
import { contextOf, setContext } from './context.ts';
import { cors } from './cors.ts';
import { docsPage } from './docs-page.ts';
import { OPENAPI_YAML, openApi } from './openapi.ts';
import { type PageMount, pages } from './pages.ts';
import { HttpProblem, problemOf, toErrorBody } from './problem-details.ts';
import { tooLarge, unsupported } from './problems/body-parser.ts';
import { unknownRoute } from './problems/validator.ts';
import { type RateLimits, rateLimited } from './rate-limit.ts';

/** One request, as the audit trail needs it. No path and no value: those may hold what somebody pasted. */
export interface ApiAccess {
  /** Method and route: `POST /v1/sessions/:id/confirm`. */
  readonly action: string;
  /** Undefined: none, or none that is valid. */
  readonly principal: Principal | undefined;
  /** Set where the caller was allowed to touch it, or made it. */
  readonly session: string | null;
  readonly source: string | null;
  readonly outcome: string;
  /** `req_…` */
  readonly request: string;
}

export interface AppParts {
  readonly authenticators: Authenticators;
  /** By path. Those under `/v1` are reached only with a credential. */
  readonly routes: Readonly<Record<string, Router>>;
  /** Reached without a credential. */
  readonly gatewayEvents: Router;
  /** Reads its bodies itself: they hold cards, and neither the JSON parser nor the validator may make text of them. */
  readonly payConnectors: Router;
  readonly mounts: readonly PageMount[];
  readonly allowedOrigins: readonly string[];
  readonly rates: RateLimits;
  readonly validateResponses: boolean;
  readonly validateDocument: boolean;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly log: Log;
  /** Who asked for what, and whether they got it: every request under `/v1`. */
  readonly audit: (access: ApiAccess) => void;
}

const API = '/v1';
/** Asked every few seconds by whoever watches the process: of no interest in a log. */
const PROBES: ReadonlySet<string> = new Set(['/healthz', '/readyz']);
const HASH_OF_NOTHING = createHash('sha256').digest('hex');

/** What a request meets, in this order. */
export function buildApp(parts: AppParts): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  // One spelling of each path: no second one that a proxy's rules, or an idempotency scope, would not recognise.
  app.set('case sensitive routing', true);
  app.set('strict routing', true);
  // Flat: `a[b]=c` is the name `a[b]`, and no query can build an object.
  app.set('query parser', 'simple');
  app.use(beginRequest(parts));
  app.use(securityHeaders());
  app.use(cors(parts.allowedOrigins));
  // Before the pages: what is mounted at /docs are the texts that errors point to.
  app.use(docsPage());
  app.use(pages(parts.mounts));
  app.get('/openapi.yaml', (_request, response) => {
    response.type('application/yaml').send(OPENAPI_YAML);
  });
  // Gateways sign what they send and have no key of ours.
  app.use(parts.gatewayEvents);
  app.use(API, authenticated(parts.authenticators), rateLimited(parts.rates));
  app.use(parts.payConnectors);
  app.use(API, readBody());
  const { validateResponses, validateDocument } = parts;
  app.use(openApi({ validateResponses, validateDocument }));
  app.use(withinScopes());
  for (const [path, router] of Object.entries(parts.routes)) app.use(path, router);
  app.use(() => {
    throw new HttpProblem(unknownRoute());
  });
  app.use(answerProblem(parts.log));
  return app;
}

/** Names the request and says afterwards how it ended. Route, not URL: a path may hold what somebody pasted. */
function beginRequest({ clock, random, log, audit, routes }: AppParts): RequestHandler {
  const mounts = Object.keys(routes).filter((path) => path !== '/');
  return (request, response, next) => {
    const requestId = makeId('req', random);
    const startedMs = clock.monotonicMs();
    // A request that was cut off has no socket any more when it is over.
    const source = request.socket.remoteAddress ?? null;
    setContext(response, { requestId });
    response.set('Request-Id', requestId);
    response.set('Cache-Control', 'no-store');
    response.on('close', () => {
      const { auth, session, touched, remark } = contextOf(response);
      const route = request.route
        ? `${mountOf(request, mounts)}${request.route.path}`
            .replace(/ses_[0-9a-z]+/g, ':id')
            .replace(/(.)\/$/, '$1')
        : null;
      const level = PROBES.has(request.path) ? 'debug' : 'info';
      log[level]('http request', {
        request_id: requestId,
        method: request.method,
        route,
        status: response.writableFinished ? response.statusCode : null,
        took_ms: Math.round(clock.monotonicMs() - startedMs),
        tenant: auth?.principal.caller.tenant ?? null,
        by: auth?.principal.kind ?? null,
        session: session?.id ?? null,
      });
      if (!request.originalUrl.startsWith(`${API}/`)) return;
      audit({
        action: [request.method, route ?? `${API}/…`, ...(remark === undefined ? [] : [remark])].join(' '),
        principal: auth?.principal,
        session: session?.id ?? touched ?? null,
        source,
        outcome: response.writableFinished ? `HTTP ${response.statusCode}` : 'no answer taken',
        request: requestId,
      });
    });
    next();
  };
}

/** Express has forgotten it (`baseUrl`) when a route has thrown. */
const mountOf = ({ originalUrl }: Request, mounts: readonly string[]): string =>
  mounts.find((path) => originalUrl.startsWith(path) && /^(?:[/?]|$)/.test(originalUrl.slice(path.length))) ??
  '';

function securityHeaders(): RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { 'default-src': ["'none'"], 'frame-ancestors': ["'none'"] },
    },
    referrerPolicy: { policy: 'no-referrer' },
    xFrameOptions: { action: 'deny' },
    // Told by whoever ends TLS in front of this.
    strictTransportSecurity: false,
  });
}

/** Before the body is read: who has no credential cannot make us parse anything. */
function authenticated(by: Authenticators): RequestHandler {
  return (request, response, next) => {
    contextOf(response).auth = authenticate(request.get('authorization'), by);
    next();
  };
}

function readBody(): RequestHandler[] {
  const json = express.json({
    limit: BODY_BYTES_MAX,
    strict: true,
    // No compressed bodies: a few bytes could unfold into gigabytes.
    inflate: false,
    verify: (_request, response, bytes) => {
      contextOf(response as express.Response).bodyHash = createHash('sha256').update(bytes).digest('hex');
    },
  });
  const onlyJson: RequestHandler = (request, response, next) => {
    contextOf(response).bodyHash = HASH_OF_NOTHING;
    const length = Number(request.headers['content-length'] ?? 0);
    // The parser would read all of it before it refuses.
    if (length > BODY_BYTES_MAX) throw new HttpProblem(tooLarge());
    const hasBody = request.headers['transfer-encoding'] !== undefined || length > 0;
    if (hasBody && !request.is('application/json'))
      throw new HttpProblem(unsupported('Send the body as application/json.'));
    next();
  };
  return [onlyJson, json];
}

function answerProblem(log: Log): ErrorRequestHandler {
  return (error, _request, response, _next) => {
    const { problem, isBug } = problemOf(error);
    const { requestId, session } = contextOf(response);
    // The name and the place of a bug, not its message: that may quote what was sent.
    if (isBug) log.error('a request failed on a bug', { request_id: requestId, ...describe(error) });
    if (response.headersSent) {
      response.destroy();
      return;
    }
    response.set({ ...problem.headers });
    const { value, hits } = maskCardsIn(toErrorBody(problem, { requestId, session }));
    if (hits > 0) log.error('card numbers were kept out of an error', { request_id: requestId, hits });
    response.status(problem.status).json(value);
  };
}

function describe(error: unknown): { readonly error: string; readonly at: string } {
  if (typeof error !== 'object' || error === null) return { error: typeof error, at: '' };
  const { name, stack } = error as Partial<Error>;
  const frames = String(stack)
    .split('\n')
    .filter((line) => line.startsWith('    at '));
  return {
    error: String(name),
    at: frames
      .slice(0, 4)
      .map((line) => line.trim())
      .join(' < '),
  };
}
