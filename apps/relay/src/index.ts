export { composeRelay, type RelayConfig } from './compose.ts';
