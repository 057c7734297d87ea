import { SAMPLE_RATE_HZ } from './samples.ts';

const HEADER_BYTES = 44;
const BYTES_PER_SAMPLE = 2;
const FORMAT_PCM = 1;

/** A RIFF/WAVE file: 8 kHz, mono, 16 bit little-endian PCM. */
export function encodeWav(samples: Int16Array): Uint8Array {
  const dataBytes = samples.length * BYTES_PER_SAMPLE;
  const file = new Uint8Array(HEADER_BYTES + dataBytes);
  const view = new DataView(file.buffer);
  const text = (at: number, value: string): void =>
    void new TextEncoder().encodeInto(value, file.subarray(at));
  text(0, 'RIFF');
  view.setUint32(4, HEADER_BYTES - 8 + dataBytes, true);
  text(8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, FORMAT_PCM, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, SAMPLE_RATE_HZ, true);
  view.setUint32(28, SAMPLE_RATE_HZ * BYTES_PER_SAMPLE, true);
  view.setUint16(32, BYTES_PER_SAMPLE, true);
  view.setUint16(34, 8 * BYTES_PER_SAMPLE, true);
  text(36, 'data');
  view.setUint32(40, dataBytes, true);
  samples.forEach((sample, index) => {
    view.setInt16(HEADER_BYTES + index * BYTES_PER_SAMPLE, sample, true);
  });
  return file;
}

/** Reads what `encodeWav` writes, and any 8 kHz mono 16 bit PCM file with further chunks; throws on everything else. */
export function decodeWav(file: Uint8Array): Int16Array {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const tag = (at: number): string => new TextDecoder('latin1').decode(file.subarray(at, at + 4));
  if (file.length < 12 || tag(0) !== 'RIFF' || tag(8) !== 'WAVE') throw new Error('not a RIFF/WAVE file');
  let formatSeen = false;
  for (let at = 12; at + 8 <= file.length; ) {
    const name = tag(at);
    const bytes = view.getUint32(at + 4, true);
    const body = at + 8;
    if (body + bytes > file.length)
      throw new Error(`WAV chunk "${name}" ends beyond the file: it was cut short`);
    if (name === 'fmt ') {
      requireTelephoneFormat(view, body, bytes);
      formatSeen = true;
    }
    if (name === 'data') {
      if (!formatSeen) throw new Error('WAV "data" chunk comes before "fmt "');
      return Int16Array.from({ length: bytes >> 1 }, (_, index) => view.getInt16(body + 2 * index, true));
    }
    at = body + bytes + (bytes % 2);
  }
  throw new Error('WAV file has no "data" chunk');
}

function requireTelephoneFormat(view: DataView, at: number, bytes: number): void {
  if (bytes < 16) throw new Error(`WAV "fmt " chunk has ${bytes} bytes, needs 16`);
  const found = [0, 2, 14].map((offset) => view.getUint16(at + offset, true));
  const rateHz = view.getUint32(at + 4, true);
  if (found.join() !== '1,1,16' || rateHz !== SAMPLE_RATE_HZ) {
    const [format, channels, bits] = found;
    throw new Error(
      `WAV is format ${format}, ${channels} channels, ${bits} bit, ${rateHz} Hz: need PCM, 1, 16, 8000`,
    );
  }
}
