/** The module inside opusscript 0.1.1, which has no types of its own. Addresses are offsets in bytes into its memory. */
declare module 'opusscript/build/opusscript_native_wasm.js' {
  export interface LibopusHandler {
    /** Samples, or an error below 0. Each octet of a sample is written in 16 bits of its own, the lower one first. */
    _decode(packetAt: number, bytes: number, pcmAt: number): number;
    /** `pcmOctets` is twice the samples. Bytes written, or an error below 0. */
    _encode(pcmAt: number, pcmOctets: number, packetAt: number, samples: number): number;
    _encoder_ctl(request: number, value: number): number;
    _decoder_ctl(request: number, value: number): number;
  }
  export interface LibopusModule {
    /** Replaced when the memory grows: not to be kept. */
    readonly HEAPU8: Uint8Array;
    readonly HEAPU16: Uint16Array;
    _malloc(bytes: number): number;
    readonly OpusScriptHandler: {
      new (rateHz: number, channels: number, application: number): LibopusHandler;
      destroy_handler(handler: LibopusHandler): void;
    };
  }
  // biome-ignore lint/style/noDefaultExport: it is what the module has
  export default function createLibopus(): LibopusModule;
}
