import { Canvas, type Colour } from '@sordino/testkit';
import type { SoakSample } from './samples.ts';

const WIDTH = 1_200;
const HEIGHT = 460;
const PLOT = { left: 90, top: 50, right: WIDTH - 30, bottom: HEIGHT - 60 };

const PAPER: Colour = [255, 255, 255];
const GRID: Colour = [228, 230, 234];
const FAINT: Colour = [110, 116, 128];
const HEAP: Colour = [0, 122, 204];
const RSS: Colour = [200, 110, 20];

/** Memory over time: the heap after each forced collection, and what the process holds of the machine's memory. */
export function drawMemory(title: string, samples: readonly SoakSample[]): Uint8Array {
  const canvas = new Canvas(WIDTH, HEIGHT, PAPER);
  const lastS = Math.max(1, samples.at(-1)?.atS ?? 1);
  const topMb = roundUp(Math.max(...samples.map(({ rssMb }) => rssMb)));
  const x = (atS: number): number => PLOT.left + (atS / lastS) * (PLOT.right - PLOT.left);
  const y = (mb: number): number => PLOT.bottom - (mb / topMb) * (PLOT.bottom - PLOT.top);

  canvas.text(PLOT.left, 14, title);
  const stepMb = topMb / 5;
  for (let mb = 0; mb <= topMb; mb += stepMb) {
    canvas.fill(PLOT.left, Math.round(y(mb)), PLOT.right - PLOT.left, 1, GRID);
    canvas.text(PLOT.left - 10, Math.round(y(mb)) - 7, `${mb} MB`, { align: 'right', colour: FAINT });
  }
  const stepS = Math.max(30, Math.ceil(lastS / 10 / 30) * 30);
  for (let atS = 0; atS <= lastS; atS += stepS) {
    canvas.text(Math.round(x(atS)), PLOT.bottom + 12, `${atS / 60}`, { align: 'centre', colour: FAINT });
  }
  canvas.text(PLOT.right, PLOT.bottom + 34, 'minutes', { align: 'right', colour: FAINT });
  const lines: readonly (readonly [string, Colour, (sample: SoakSample) => number])[] = [
    ['resident memory', RSS, ({ rssMb }) => rssMb],
    ['heap after collection', HEAP, ({ heapMb }) => heapMb],
  ];
  lines.forEach(([name, colour, read], index) => {
    const left = PLOT.left + 300 * index;
    canvas.fill(left, PLOT.bottom + 38, 24, 4, colour);
    canvas.text(left + 32, PLOT.bottom + 34, name, { colour });
    samples.forEach((sample, at) => {
      const before = samples[at - 1];
      if (before === undefined) return;
      stroke(canvas, x(before.atS), y(read(before)), x(sample.atS), y(read(sample)), colour);
    });
  });
  return canvas.encode();
}

function stroke(canvas: Canvas, x0: number, y0: number, x1: number, y1: number, colour: Colour): void {
  const steps = Math.max(1, Math.ceil(Math.max(Math.abs(x1 - x0), Math.abs(y1 - y0))));
  for (let step = 0; step <= steps; step += 1) {
    const share = step / steps;
    canvas.fill(Math.round(x0 + share * (x1 - x0)), Math.round(y0 + share * (y1 - y0)), 2, 2, colour);
  }
}

/** To 50 MB, so that five lines have whole numbers. */
const roundUp = (mb: number): number => Math.ceil(mb / 50) * 50;
