import { afterAll, beforeAll, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { hashCredential, makeApiKey } from '../auth/keys/key-text.ts';
import { openApiDocument } from '../http/openapi.ts';
import { A_CREATE, PaymentsServer, type Reply } from '../testing/payments-server.ts';

/** Two tenants in two modes: four worlds that must never meet. */
const WORLDS = [
  { tenant: 'tnt_a', livemode: false },
  { tenant: 'tnt_a', livemode: true },
  { tenant: 'tnt_b', livemode: false },
  { tenant: 'tnt_b', livemode: true },
] as const;

interface World {
  readonly key: string;
  readonly livemode: boolean;
  readonly tenant: string;
  /** Everything in it that has an id of its own. */
  readonly session: string;
  readonly madeKey: string;
}

const random = (count: number) => crypto.getRandomValues(new Uint8Array(count));
const keys = WORLDS.map(({ livemode }) => makeApiKey(livemode, random));
let server: PaymentsServer;
let worlds: readonly World[] = [];

beforeAll(async () => {
  server = await PaymentsServer.start({
    apiKeys: WORLDS.map((world, at) => ({
      ...world,
      id: `key_${at}`,
      sha256: hashCredential(keys[at] ?? ''),
    })),
    rates: { apiKeyPerS: 100_000 },
  });
  worlds = await Promise.all(
    WORLDS.map(async (world, at) => {
      const key = keys[at] ?? '';
      const { id: session } = await server.aSession(key);
      const made = await server.call('POST', '/v1/api_keys', { key, body: { scopes: ['sessions:read'] } });
      return { ...world, key, session, madeKey: made.body.id };
    }),
  );
});
afterAll(() => server.close());

const OPERATIONS = Object.entries(openApiDocument().paths as Record<string, object>)
  // A stream does not end; gateways send without a credential; whose session is replayed, the dispatcher of packages/payments knows.
  .filter(([path]) => path.startsWith('/v1/') && !/\/stream$|\/gateway_events\/|\/replay$/.test(path))
  .flatMap(([path, item]) =>
    ['get', 'post']
      .filter((method) => method in item)
      .map((method) => ({ method: method.toUpperCase(), path })),
  );

/** The operation as `actor` would send it, on what belongs to `target`. */
function send({ method, path }: (typeof OPERATIONS)[number], actor: World, target: World): Promise<Reply> {
  const filled = path
    .replace('{id}', target.session)
    .replace('{name}', 'cvc')
    .replace('{platform}', 'plt_main')
    .replace('{connector}', target.livemode ? 'con_bank' : 'con_sandbox')
    .replace('{endpoint}', 'whe_main')
    .replace('{key}', target.madeKey);
  const body = bodyOf(method, path, target);
  return server.call(method, filled, {
    key: actor.key,
    headers: { 'Idempotency-Key': crypto.randomUUID() },
    ...(body === undefined ? {} : { body }),
  });
}

function bodyOf(method: string, path: string, { session }: World): unknown {
  if (method === 'GET') return undefined;
  if (path === '/v1/sessions') return A_CREATE;
  if (path === '/v1/agent_tokens') return { session };
  if (path === '/v1/api_keys') return { scopes: ['sessions:read'] };
  if (path === '/v1/test/faults') return { session, fault: 'held' };
  if (path.endsWith('/replay')) return { session, from_seq: 1 };
  if (path.endsWith('/resolve')) return { outcome: 'failed', note: 'not there' };
  if (path.endsWith('/play')) return { to: 'agent', prompt: 'wait' };
  return undefined;
}

function* livemodesOf(value: unknown): Generator<unknown> {
  if (typeof value !== 'object' || value === null) return;
  for (const [name, child] of Object.entries(value)) {
    if (name === 'livemode') yield child;
    yield* livemodesOf(child);
  }
}

it('test and live, and two tenants, never meet: whatever is asked, by whom and in which order', async () => {
  const places = fc.integer({ min: 0, max: WORLDS.length - 1 });
  const step = fc.record({ operation: fc.constantFrom(...OPERATIONS), actor: places, target: places });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
      for (const { operation, ...who } of steps) {
        const [actor, target] = [worlds[who.actor], worlds[who.target]];
        if (actor === undefined || target === undefined) throw new Error('there are four worlds');
        const { status, body } = await send(operation, actor, target);
        expect(status).toBeLessThan(500);
        expect([...livemodesOf(body)].filter((livemode) => livemode !== actor.livemode)).toEqual([]);
        if (actor === target) continue;
        const text = JSON.stringify(body);
        for (const id of [target.session, target.madeKey])
          expect([operation, text.includes(id)]).toEqual([operation, false]);
        const names =
          /\{(id|key)\}/.test(operation.path) ||
          /"ses_/.test(JSON.stringify(bodyOf('POST', operation.path, target) ?? ''));
        if (names && operation.method === 'POST') expect([403, 404]).toContain(status);
        if (/\{(id|key)\}/.test(operation.path) && operation.method === 'GET') expect(status).toBe(404);
      }
    }),
    { numRuns: 40 },
  );
}, 60_000);
