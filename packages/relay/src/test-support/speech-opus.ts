import type { AudioEncoder } from '@sordino/media';
import createLibopus from 'opusscript/build/opusscript_native_wasm.js';

const VOIP = 2048;
const SET_BITRATE = 4002;
const SET_INBAND_FEC = 4012;
const SET_PACKET_LOSS_PCT = 4014;

/** Opus as a phone on a bad network sends it: the speech mode, variable rate, and each packet with a copy of the one before. */
export function speechEncoder(rateHz: number): AudioEncoder {
  const libopus = createLibopus();
  const handler = new libopus.OpusScriptHandler(rateHz, 1, VOIP);
  handler._encoder_ctl(SET_BITRATE, 20_000);
  handler._encoder_ctl(SET_INBAND_FEC, 1);
  handler._encoder_ctl(SET_PACKET_LOSS_PCT, 20);
  const pcmAt = libopus._malloc(16_000);
  const packetAt = libopus._malloc(4_000);
  return {
    encode(pcm, samples, into) {
      for (let n = 0; n < samples; n += 1) {
        libopus.HEAPU16[pcmAt / 2 + 2 * n] = (pcm[n] ?? 0) & 0xff;
        libopus.HEAPU16[pcmAt / 2 + 2 * n + 1] = ((pcm[n] ?? 0) >> 8) & 0xff;
      }
      const octets = handler._encode(pcmAt, 2 * samples, packetAt, samples);
      for (let n = 0; n < octets; n += 1) into[n] = libopus.HEAPU8[packetAt + n] ?? 0;
      return octets;
    },
    reset() {},
  };
}
