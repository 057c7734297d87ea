import FFT from 'fft.js';
import { dbm0OfMeanSquare } from '../audio/level.ts';
import { hannWindow } from '../measure/goertzel.ts';

/** 512 points at 8 kHz: 15.6 Hz from bin to bin. */
const FFT_POINTS = 512;
/** 24 ms: short enough to see a key's edges, long enough to part its two frequencies. */
const WINDOW = hannWindow(192);
export const SPECTRUM_BINS = FFT_POINTS / 2;

const fft = new FFT(FFT_POINTS);

/** Levels in dBm0 (as a sine of that frequency would have) around sample `centre`, from 0 Hz to half the rate. */
export function spectrumDbm0(samples: Int16Array, centre: number): Float64Array {
  const input = new Array<number>(FFT_POINTS).fill(0);
  const from = Math.round(centre - WINDOW.length / 2);
  WINDOW.forEach((weight, at) => {
    input[at] = (samples[from + at] ?? 0) * weight;
  });
  const output = fft.createComplexArray();
  fft.realTransform(output, input);
  const scale = 2 / (WINDOW.length * WINDOW.length);
  return Float64Array.from({ length: SPECTRUM_BINS }, (_, bin) => {
    const [real = 0, imaginary = 0] = [output[2 * bin], output[2 * bin + 1]];
    return dbm0OfMeanSquare((real * real + imaginary * imaginary) * scale);
  });
}
