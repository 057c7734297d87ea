export { type ClientOptions, createClient, type SordinoClient } from './client.ts';
export { SordinoApiError, SordinoConnectionError, type SordinoErrorType } from './errors.ts';
export type { FollowOptions } from './follow-events.ts';
export type { components, operations, paths } from './generated/api.ts';
export type {
  Answer,
  CreateSession,
  FieldName,
  OperationId,
  Params,
  Session,
  SessionEvent,
} from './types.ts';
