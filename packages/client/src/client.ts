import { type FollowOptions, followEvents } from './follow-events.ts';
import { OPERATIONS } from './generated/operations.ts';
import type { ClientOptions } from './options.ts';
import { send } from './request.ts';
import type { Call, OperationId, SessionEvent } from './types.ts';

export type { ClientOptions } from './options.ts';

/** A method for each operation of the API, and the stream of a session's events. */
export type SordinoClient = { readonly [Id in OperationId]: Call<Id> } & {
  followEvents(session: string, options?: FollowOptions): AsyncGenerator<SessionEvent, void, undefined>;
};

/** Throws nothing and opens nothing: the first call does. */
export function createClient(options: ClientOptions): SordinoClient {
  const calls = Object.entries(OPERATIONS).map(([id, operation]) => [
    id,
    (params: AnyParams = {}) =>
      send(options, {
        method: operation.method,
        path: pathOf(operation.path, params),
        body: params.body,
        idempotencyKey: operation.keyed ? (params.idempotencyKey ?? newKey()) : undefined,
        signal: params.signal,
      }),
  ]);
  return {
    ...(Object.fromEntries(calls) as { readonly [Id in OperationId]: Call<Id> }),
    followEvents: (session, follow = {}) => followEvents(options, session, follow),
  };
}

/** What every operation's parameters are a kind of. */
interface AnyParams {
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly body?: unknown;
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal;
}

function pathOf(template: string, { path = {}, query = {} }: AnyParams): string {
  const filled = template.replace(/\{(\w+)\}/g, (_whole, name: string) =>
    encodeURIComponent(path[name] ?? ''),
  );
  const asked = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`],
  );
  return asked.length === 0 ? filled : `${filled}?${asked.join('&')}`;
}

/** 128 random bits; `crypto.randomUUID` is not there in pages without TLS. */
function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
