export type * from './charge/attempt.ts';
export type * from './gateways/gateway.ts';
export type * from './ports/call-control.ts';
export type * from './ports/stores.ts';
export type * from './session/record.ts';
export type * from './session/service.ts';
