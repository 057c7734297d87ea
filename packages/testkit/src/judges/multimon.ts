import { dtmfTone } from '../audio/dtmf.ts';
import { concatSamples, SAMPLE_RATE_HZ, silence } from '../audio/samples.ts';
import { runFilter } from './run-filter.ts';

/** What multimon-ng wants for raw input: 441 samples of it for 160 of ours. */
const MULTIMON_RATE_HZ = 22_050;
const UP = MULTIMON_RATE_HZ / 50;
const DOWN = SAMPLE_RATE_HZ / 50;
/** Reach of the interpolating filter to each side, in samples of ours: images of the telephone band stay 50 dB down. */
const REACH = 12;
/**
 * The end of each excerpt in the stream: multimon-ng does not say when it heard a key, so each excerpt is followed by a
 * sequence that no telephone keypad has. It also proves that the program was listening.
 */
const MARK = ['D', 'C', 'D'];
const MARK_MS = 60;
const PAUSE_MS = 60;

/** For each excerpt of 8 kHz audio the keys (0-9, *, #, A, B) that multimon-ng reads in it. Rejects where multimon-ng is missing. */
export async function multimonDtmf(excerpts: readonly Int16Array[]): Promise<string[]> {
  if (excerpts.length === 0) return [];
  const pause = silence(PAUSE_MS);
  const mark = MARK.flatMap((key) => [dtmfTone(key, { durationMs: MARK_MS }), pause]);
  const stream = resampled(concatSamples(...excerpts.flatMap((excerpt) => [pause, excerpt, pause, ...mark])));
  const output = await runFilter(
    'multimon-ng',
    ['-q', '-c', '-a', 'DTMF', '-t', 'raw', '-'],
    new Uint8Array(stream.buffer),
  );
  const heard = [...output.toString('latin1').matchAll(/DTMF: (.)/g)].map(([, key]) => key ?? '').join('');
  const parts = heard.split(MARK.join(''));
  if (parts.length !== excerpts.length + 1 || parts.at(-1) !== '') {
    throw new Error(`multimon-ng heard ${parts.length - 1} of ${excerpts.length} marks between the excerpts`);
  }
  return parts.slice(0, -1);
}

/** Band-limited interpolation: a sinc under a Hann window, one filter for each of the 441 phases. */
function resampled(samples: Int16Array): Int16Array {
  const output = new Int16Array(Math.floor((samples.length * UP) / DOWN));
  for (let n = 0; n < output.length; n++) {
    const filter = filters[(n * DOWN) % UP] ?? noFilter;
    const first = Math.floor((n * DOWN) / UP) - REACH + 1;
    let sum = 0;
    for (let tap = 0; tap < filter.length; tap++) sum += (filter[tap] ?? 0) * (samples[first + tap] ?? 0);
    output[n] = Math.max(-32_768, Math.min(32_767, Math.round(sum)));
  }
  return output;
}

const noFilter = new Float64Array(2 * REACH);
const filters = Array.from({ length: UP }, (_, phase) =>
  noFilter.map((_, tap) => {
    const distance = tap - REACH + 1 - phase / UP;
    const window = 0.5 + 0.5 * Math.cos((Math.PI * distance) / REACH);
    return window * (distance === 0 ? 1 : Math.sin(Math.PI * distance) / (Math.PI * distance));
  }),
);
