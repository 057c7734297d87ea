import { describe, expect, it } from '@jest/globals';
import { randomOf } from '../test-support/sound.ts';
import { HannSpectrum, SPECTRUM_BINS, SPECTRUM_SAMPLES } from './hann-spectrum.ts';

describe('the spectrum', () => {
  it('is that of the definition, wherever the ring begins', () => {
    const random = randomOf(7);
    const samples = Float64Array.from({ length: SPECTRUM_SAMPLES }, () => 2 * random() - 1);
    const spectrum = new HannSpectrum();
    for (const oldest of [0, 1, 77, 127]) {
      const ring = new Float64Array(SPECTRUM_SAMPLES);
      samples.forEach((sample, n) => {
        ring[(oldest + n) % SPECTRUM_SAMPLES] = sample;
      });
      spectrum.load(ring, oldest);
      spectrum.transform(0, SPECTRUM_BINS - 1);
      for (let bin = 0; bin < SPECTRUM_BINS; bin += 1) {
        let [re, im] = [0, 0];
        samples.forEach((sample, n) => {
          const turn = (2 * Math.PI * n) / SPECTRUM_SAMPLES;
          const windowed = sample * (0.5 - 0.5 * Math.cos(turn));
          re += windowed * Math.cos(turn * bin);
          im -= windowed * Math.sin(turn * bin);
        });
        expect(spectrum.power[bin]).toBeCloseTo(re * re + im * im, 6);
      }
    }
  });

  it('adds up to the energy of the windowed samples (Parseval)', () => {
    const random = randomOf(8);
    const spectrum = new HannSpectrum();
    spectrum.load(
      Float64Array.from({ length: SPECTRUM_SAMPLES }, () => 2 * random() - 1),
      0,
    );
    spectrum.transform(0, SPECTRUM_BINS - 1);
    const both = 2 * spectrum.power.reduce((sum, power) => sum + power, 0) - (spectrum.power[0] ?? 0);
    // But for the bin at half the rate, which is not there.
    expect(both / SPECTRUM_SAMPLES / spectrum.energy).toBeCloseTo(1, 1);
  });
});
