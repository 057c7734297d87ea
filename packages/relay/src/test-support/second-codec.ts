import { createDecoder, createEncoder } from '@sordino/media';
import { WasmOpus } from '../worker/opus/wasm-opus.ts';

/** 60 ms at 8 kHz, and the largest packet that 20 ms become. */
const SAMPLES_MAX = 480;
const PAYLOAD_BYTES_MAX = 400;

/** One direction of one stream, at 8 kHz: what is narrower than the codec is all that the simulated world says and hears. */
export interface WidebandCoder {
  encode(samples: Int16Array): Uint8Array;
  decode(payload: Uint8Array): Int16Array;
  free(): void;
}

let opus: WasmOpus | undefined;

/** G.722 that spandsp proves bit for bit (`acceptance/src/codecs`), and libopus. */
export function widebandCoder(codec: 'G722' | 'opus'): WidebandCoder {
  opus ??= new WasmOpus();
  const encoder = createEncoder(codec, 8_000, opus);
  const decoder = createDecoder(codec, 8_000, opus);
  const into = new Uint8Array(PAYLOAD_BYTES_MAX);
  const pcm = new Int16Array(SAMPLES_MAX);
  return {
    encode: (samples) => into.slice(0, encoder.encode(samples, samples.length, into)),
    decode: (payload) => pcm.slice(0, decoder.decode(payload, payload.length, pcm)),
    free: () => {
      encoder.reset();
      decoder.reset();
    },
  };
}
