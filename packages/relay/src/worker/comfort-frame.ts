import type { AudioCodec } from '@sordino/interception';
import { replacementAudio } from '@sordino/media';

/** Quiet noise of fixed content: it is nobody's voice. Digital silence would be read as a dead line by some gateways. */
export function comfortFrame(codec: AudioCodec, samples: number): Uint8Array {
  const circle = replacementAudio('comfort_noise', codec);
  return Uint8Array.from({ length: samples }, (_, sample) => circle[sample % circle.length] ?? 0);
}
