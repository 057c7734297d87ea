export { openMediaRelay, type RelayStats, type ThreadedMediaRelay } from './media-relay.ts';
export type { MediaRelayOptions, PacketIoChoice } from './options.ts';
export { loadPrompts, type Prompts } from './prompts/load-prompts.ts';
export { WasmOpus } from './worker/opus/wasm-opus.ts';
