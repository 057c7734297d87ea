import type { RequestHandler } from 'express';

/** How long a browser may keep the answer to its question. */
const PREFLIGHT_SECONDS = 600;

/**
 * Pages of other origins may call the API only when the configuration names their origin exactly. Never `*`, never cookies: credentials are in
 * the Authorization header, which a foreign page cannot send without having one.
 */
export function cors(allowedOrigins: readonly string[]): RequestHandler {
  const allowed = new Set(allowedOrigins);
  return (request, response, next) => {
    response.vary('Origin');
    const origin = request.headers.origin;
    if (origin === undefined || !allowed.has(origin)) return next();
    response.set('Access-Control-Allow-Origin', origin);
    response.set('Access-Control-Expose-Headers', 'Request-Id, Idempotent-Replayed, Retry-After');
    if (request.method !== 'OPTIONS') return next();
    response.set('Access-Control-Allow-Methods', 'GET, POST');
    response.set(
      'Access-Control-Allow-Headers',
      'Authorization, Content-Type, Idempotency-Key, Last-Event-ID',
    );
    response.set('Access-Control-Max-Age', String(PREFLIGHT_SECONDS));
    response.status(204).end();
  };
}
