import type { components, operations } from './generated/api.ts';
import type { OPERATIONS } from './generated/operations.ts';

type Schemas = components['schemas'];
export type Session = Schemas['Session'];
export type CreateSession = Schemas['CreateSession'];
export type SessionEvent = Schemas['Event'];
export type FieldName = Schemas['FieldName'];

/** `createSession`, `readSession`, … as the OpenAPI document names them. */
export type OperationId = keyof typeof OPERATIONS & keyof operations;

type Json<Content> = Content extends { readonly content: { readonly 'application/json': infer Body } }
  ? Body
  : never;

type Parameters<Id extends OperationId> = operations[Id]['parameters'];

type PathPart<Id extends OperationId> =
  Parameters<Id> extends { readonly path: infer Path } ? { readonly path: Path } : unknown;

type QueryPart<Id extends OperationId> =
  Parameters<Id> extends { readonly query?: infer Query }
    ? [Exclude<Query, undefined>] extends [never]
      ? unknown
      : { readonly query?: Exclude<Query, undefined> }
    : unknown;

type BodyPart<Id extends OperationId> = operations[Id] extends { readonly requestBody: infer Body }
  ? { readonly body: Json<Body> }
  : operations[Id] extends { readonly requestBody?: infer Body }
    ? [Json<Exclude<Body, undefined>>] extends [never]
      ? unknown
      : { readonly body?: Json<Exclude<Body, undefined>> }
    : unknown;

type KeyPart<Id extends OperationId> = (typeof OPERATIONS)[Id]['keyed'] extends true
  ? {
      /** Yours, kept before the call, so that you can repeat it after a crash; left out: a new one for each call. */
      readonly idempotencyKey?: string;
    }
  : unknown;

/** What an operation takes. */
export type Params<Id extends OperationId> = PathPart<Id> &
  QueryPart<Id> &
  BodyPart<Id> &
  KeyPart<Id> & { readonly signal?: AbortSignal };

/** What it answers when it is done. */
export type Answer<Id extends OperationId> = {
  [Status in keyof operations[Id]['responses']]: Status extends 200 | 201 | 202
    ? Json<operations[Id]['responses'][Status]>
    : never;
}[keyof operations[Id]['responses']];

export type Call<Id extends OperationId> = (
  ...params: object extends Params<Id> ? [params?: Params<Id>] : [params: Params<Id>]
) => Promise<Answer<Id>>;
