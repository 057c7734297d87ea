import type { AudioCodec } from '@sordino/interception';
import { g711TranscodeTable } from '@sordino/media';

/** The payload itself when both sides speak one law, else a new one: code for code, so the size stays and nothing is delayed. */
export function transcode(payload: Uint8Array, from: AudioCodec, to: AudioCodec): Uint8Array {
  if (from === to) return payload;
  const table = g711TranscodeTable(from, to);
  return payload.map((code) => table[code] ?? 0);
}
