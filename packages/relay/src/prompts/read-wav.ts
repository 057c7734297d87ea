import { type Result, refuse } from '@sordino/core';
import { SAMPLE_RATE_HZ } from '@sordino/media';

/** Longer than any sentence that a caller is asked to listen to. */
const PROMPT_S_MAX = 300;

const RIFF_HEADER_BYTES = 12;
const CHUNK_HEADER_BYTES = 8;
const FORMAT_BYTES = 16;
const PCM = 1;
/** `WAVE_FORMAT_EXTENSIBLE`: what some tools write instead; its sub-format begins with the real one. */
const EXTENSIBLE = 0xfffe;
const SUBFORMAT_OFFSET = 24;

/** Reads a prompt: WAV, 8 kHz, 16-bit, mono. A refusal says what is wrong and what to do. */
export function readWav(file: Uint8Array): Result<Int16Array, string> {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  if (bytes.length < RIFF_HEADER_BYTES || text(bytes, 0) !== 'RIFF' || text(bytes, 8) !== 'WAVE')
    return refuse('is no WAV file');
  let format: Buffer | undefined;
  for (let at = RIFF_HEADER_BYTES; at + CHUNK_HEADER_BYTES <= bytes.length; ) {
    const length = bytes.readUInt32LE(at + 4);
    const body = bytes.subarray(at + CHUNK_HEADER_BYTES, at + CHUNK_HEADER_BYTES + length);
    if (text(bytes, at) === 'fmt ') format = body;
    if (text(bytes, at) === 'data') return samplesOf(format, body);
    // Chunks begin on even offsets.
    at += CHUNK_HEADER_BYTES + length + (length & 1);
  }
  return refuse('has no audio in it');
}

function samplesOf(format: Buffer | undefined, data: Buffer): Result<Int16Array, string> {
  if (format === undefined || format.length < FORMAT_BYTES) return refuse('does not say what its audio is');
  const kind = format.readUInt16LE(0);
  const coding =
    kind === EXTENSIBLE && format.length >= SUBFORMAT_OFFSET + 2
      ? format.readUInt16LE(SUBFORMAT_OFFSET)
      : kind;
  const [channels, rateHz, bits] = [format.readUInt16LE(2), format.readUInt32LE(4), format.readUInt16LE(14)];
  if (coding !== PCM || channels !== 1 || rateHz !== SAMPLE_RATE_HZ || bits !== 16) {
    return refuse(
      `is format ${coding}, ${channels} channels, ${rateHz} Hz, ${bits} bits; it must be PCM (1), 1 channel, 8000 Hz, 16 bits: ` +
        'sox IN.wav -r 8000 -c 1 -b 16 OUT.wav',
    );
  }
  const samples = data.length >> 1;
  if (samples === 0) return refuse('has no audio in it');
  if (samples > PROMPT_S_MAX * SAMPLE_RATE_HZ)
    return refuse(`lasts ${Math.round(samples / SAMPLE_RATE_HZ)} s; the limit is ${PROMPT_S_MAX} s`);
  // Shared, so that each worker sees the same memory.
  const pcm = new Int16Array(new SharedArrayBuffer(samples * Int16Array.BYTES_PER_ELEMENT));
  for (let n = 0; n < samples; n += 1) pcm[n] = data.readInt16LE(n * 2);
  return { ok: true, value: pcm };
}

function text(bytes: Buffer, at: number): string {
  return bytes.toString('latin1', at, at + 4);
}
