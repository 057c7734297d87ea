import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { PNG } from 'pngjs';
import { dtmfTone } from '../audio/dtmf.ts';
import { mixInto } from '../audio/samples.ts';
import { take } from '../audio/source.ts';
import { speechLike } from '../audio/speech.ts';
import { Canvas } from './canvas.ts';
import { heat } from './colour-scale.ts';
import { drawSpectrogramPair, spectrogramPair } from './spectrogram.ts';
import { spectrumDbm0 } from './spectrum.ts';

const KEYS = '4242424242424242';
const marks = [...KEYS].map((label, n) => ({ label, fromMs: 3000 + n * 260, toMs: 3100 + n * 260 }));

function aCall(): Int16Array {
  const samples = take(speechLike(1), 9000);
  for (const { label, fromMs } of marks) mixInto(samples, dtmfTone(label), fromMs * 8);
  return samples;
}

describe('spectrogramPair', () => {
  const folder = mkdtempSync(join(tmpdir(), 'spectrogram-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('writes a picture in which a key is bright in the upper half and absent in the lower', async () => {
    const path = join(process.env.PICTURE_DIR ?? folder, 'call.png');
    const spans = [{ fromMs: 2000, toMs: 8000, label: 'engaged' }];
    const top = { title: 'Customer: what was sent', samples: aCall(), rate: 8000, marks, spans };
    const bottom = { ...top, title: 'Agent: what was heard', samples: take(speechLike(1), 9000) };
    await spectrogramPair(path, top, bottom);
    const png = PNG.sync.read(readFileSync(path));
    const brightness = (panel: number, ms: number, hz: number): number => {
      const [x, y] = [
        78 + Math.round((ms / 9000) * 1500),
        12 + panel * 392 + 78 + 255 - Math.round(hz / 15.625),
      ];
      const at = (y * png.width + x) * 4;
      return (png.data[at] ?? 0) + (png.data[at + 1] ?? 0) + (png.data[at + 2] ?? 0);
    };
    // The key 4: 770 and 1209 Hz.
    for (const hz of [770, 1209]) {
      expect(brightness(0, 3050, hz)).toBeGreaterThan(450);
      expect(brightness(1, 3050, hz)).toBeLessThan(400);
    }
  });

  it('draws recordings of different lengths, and none at all', () => {
    const empty = { title: '', samples: new Int16Array(0), rate: 8000, marks: [] };
    const short = { ...empty, title: 'short', samples: new Int16Array(800) };
    expect(PNG.sync.read(Buffer.from(drawSpectrogramPair(empty, short))).width).toBeGreaterThan(1500);
    expect(drawSpectrogramPair(empty, empty).length).toBeGreaterThan(1000);
  });
});

describe('spectrumDbm0', () => {
  it('puts a key at its two frequencies, at its level', () => {
    const levels = spectrumDbm0(dtmfTone('4', { durationMs: 200 }), 800);
    const at = (hz: number): number => levels[Math.round(hz / 15.625)] ?? 0;
    expect(at(770)).toBeGreaterThan(-11);
    expect(at(1209)).toBeGreaterThan(-11);
    expect(at(2500)).toBeLessThan(-50);
  });
});

describe('drawing', () => {
  it('stays inside the picture and aligns text', () => {
    const canvas = new Canvas(20, 10, [255, 255, 255]);
    canvas.fill(-5, -5, 100, 100, [1, 2, 3]);
    canvas.text(19, 0, 'l\u00e9', { scale: 1, align: 'right', colour: [9, 9, 9] });
    const png = PNG.sync.read(Buffer.from(canvas.encode()));
    expect([...png.data.subarray(0, 4)]).toEqual([1, 2, 3, 255]);
    expect(png.data.filter((value) => value === 9).length).toBeGreaterThan(30);
  });

  it('has colours from dark to bright', () => {
    const light = [-1, 0, 0.3, 0.6, 0.9, 1, 2].map((share) =>
      heat(share).reduce((sum, value) => sum + value, 0),
    );
    expect(light).toEqual([...light].sort((a, b) => a - b));
  });
});
