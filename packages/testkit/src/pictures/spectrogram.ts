import { writeFile } from 'node:fs/promises';
import { DTMF_HIGH_HZ, DTMF_LOW_HZ } from '../audio/dtmf.ts';
import { Canvas, type Colour, TEXT_SCALE, textWidth } from './canvas.ts';
import { heat } from './colour-scale.ts';
import { SPECTRUM_BINS, spectrumDbm0 } from './spectrum.ts';

/** Something at an instant, or from one instant to another, in ms from the panel's first sample. */
export interface SpectrogramMark {
  readonly fromMs: number;
  readonly toMs: number;
  /** A key, or nothing. */
  readonly label?: string;
}

export interface SpectrogramPanel {
  readonly title: string;
  readonly samples: Int16Array;
  /** Samples per second. */
  readonly rate: number;
  /** Key presses: short bars right above the spectrogram. */
  readonly marks: readonly SpectrogramMark[];
  /** Longer spans of the call, such as "engaged": named bars above the key presses. */
  readonly spans?: readonly SpectrogramMark[];
}

const PLOT_WIDTH = 1500;
const PLOT_HEIGHT = SPECTRUM_BINS;
const LEFT = 78;
const RIGHT = 132;
const TITLE_HEIGHT = 30;
const SPAN_HEIGHT = 22;
const MARK_HEIGHT = 26;
const AXIS_HEIGHT = 46;
const PANEL_HEIGHT = TITLE_HEIGHT + SPAN_HEIGHT + MARK_HEIGHT + PLOT_HEIGHT + AXIS_HEIGHT;
const LEGEND_HEIGHT = 34;
const MARGIN = 12;

/** The range of the colours: from below a telephone's noise to the level of a loud key. */
const DARKEST_DBM0 = -75;
const BRIGHTEST_DBM0 = -10;

const PAPER: Colour = [255, 255, 255];
const INK: Colour = [30, 34, 42];
const FAINT: Colour = [120, 126, 138];
const KEY: Colour = [0, 122, 204];
const SPAN: Colour = [214, 228, 214];
const DTMF: Colour = [0, 150, 110];

/** Writes a PNG with two spectrograms one above the other, on one time scale, with the key presses and a legend. */
export async function spectrogramPair(
  pathPng: string,
  top: SpectrogramPanel,
  bottom: SpectrogramPanel,
): Promise<void> {
  await writeFile(pathPng, drawSpectrogramPair(top, bottom));
}

/** The same as PNG bytes. */
export function drawSpectrogramPair(top: SpectrogramPanel, bottom: SpectrogramPanel): Uint8Array {
  const width = LEFT + PLOT_WIDTH + RIGHT;
  const canvas = new Canvas(width, 2 * (PANEL_HEIGHT + MARGIN) + LEGEND_HEIGHT + MARGIN, PAPER);
  const durationMs = Math.max(1, durationOf(top), durationOf(bottom));
  drawPanel(canvas, MARGIN, top, durationMs);
  drawPanel(canvas, MARGIN + PANEL_HEIGHT + MARGIN, bottom, durationMs);
  drawLegend(canvas, 2 * (PANEL_HEIGHT + MARGIN));
  return canvas.encode();
}

function durationOf(panel: SpectrogramPanel): number {
  return (panel.samples.length / panel.rate) * 1000;
}

function drawPanel(canvas: Canvas, y: number, panel: SpectrogramPanel, durationMs: number): void {
  const xOf = (ms: number): number => LEFT + Math.round((ms / durationMs) * PLOT_WIDTH);
  const plotTop = y + TITLE_HEIGHT + SPAN_HEIGHT + MARK_HEIGHT;
  canvas.text(LEFT, y + 6, panel.title, { colour: INK });
  for (const span of panel.spans ?? []) drawSpan(canvas, xOf, y + TITLE_HEIGHT, span);
  drawMarks(canvas, xOf, plotTop - MARK_HEIGHT, panel.marks);
  for (let column = 0; column < PLOT_WIDTH; column++) {
    const centre = ((column + 0.5) / PLOT_WIDTH) * (durationMs / 1000) * panel.rate;
    // Beyond the end of the shorter recording the paper shows: there was nothing, not silence.
    if (centre < panel.samples.length) drawColumn(canvas, LEFT + column, plotTop, panel.samples, centre);
  }
  drawFrequencyAxis(canvas, plotTop, panel.rate);
  drawTimeAxis(canvas, xOf, plotTop + PLOT_HEIGHT, durationMs);
}

function drawColumn(canvas: Canvas, x: number, top: number, samples: Int16Array, centre: number): void {
  spectrumDbm0(samples, centre).forEach((level, bin) => {
    const share = (level - DARKEST_DBM0) / (BRIGHTEST_DBM0 - DARKEST_DBM0);
    canvas.pixel(x, top + PLOT_HEIGHT - 1 - bin, heat(share));
  });
}

function drawSpan(canvas: Canvas, xOf: (ms: number) => number, y: number, span: SpectrogramMark): void {
  const from = xOf(span.fromMs);
  canvas.fill(from, y, Math.max(2, xOf(span.toMs) - from), SPAN_HEIGHT - 3, SPAN);
  canvas.text(from + 6, y + 2, span.label ?? '', { colour: INK });
}

function drawMarks(
  canvas: Canvas,
  xOf: (ms: number) => number,
  y: number,
  marks: readonly SpectrogramMark[],
): void {
  let freeFrom = 0;
  for (const mark of marks) {
    const [from, to] = [xOf(mark.fromMs), xOf(mark.toMs)];
    canvas.fill(from, y + MARK_HEIGHT - 8, Math.max(2, to - from), 6, KEY);
    // In a long call keys stand close together: a label that would touch the one before is left out.
    const width = textWidth(mark.label ?? '', TEXT_SCALE);
    const left = Math.round((from + to - width) / 2);
    if (width === 0 || left < freeFrom) continue;
    canvas.text(left, y + 1, mark.label ?? '', { colour: KEY });
    freeFrom = left + width + 4;
  }
}

function drawFrequencyAxis(canvas: Canvas, top: number, rate: number): void {
  const yOf = (hz: number): number => top + PLOT_HEIGHT - Math.round((hz / (rate / 2)) * PLOT_HEIGHT);
  for (let hz = 0; hz <= rate / 2; hz += 1000) {
    canvas.fill(LEFT - 7, yOf(hz), 6, 1, INK);
    canvas.text(LEFT - 12, yOf(hz) - 7, `${hz / 1000}`, { colour: INK, align: 'right' });
  }
  canvas.text(LEFT - 34, top + PLOT_HEIGHT / 2 - 39, 'kHz', { colour: FAINT, align: 'right' });
  const right = LEFT + PLOT_WIDTH;
  for (const hz of [...DTMF_LOW_HZ, ...DTMF_HIGH_HZ]) canvas.fill(right + 2, yOf(hz), 8, 1, DTMF);
  canvas.text(right + 14, yOf(815) - 7, '697-941', { colour: DTMF });
  canvas.text(right + 14, yOf(1414) - 7, '1209-1633', { colour: DTMF });
}

/** At most this many labels fit side by side. */
const TIME_LABELS_MAX = 18;
const TIME_STEPS_MS = [100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 30_000, 60_000];

function drawTimeAxis(canvas: Canvas, xOf: (ms: number) => number, y: number, durationMs: number): void {
  canvas.fill(LEFT, y, PLOT_WIDTH, 1, INK);
  const stepMs = TIME_STEPS_MS.find((step) => durationMs / step <= TIME_LABELS_MAX) ?? 120_000;
  for (let ms = 0; ms <= durationMs; ms += stepMs) {
    canvas.fill(xOf(ms), y + 1, 1, 6, INK);
    canvas.text(xOf(ms), y + 11, `${ms / 1000}`, { colour: INK, align: 'centre' });
  }
  canvas.text(LEFT + PLOT_WIDTH / 2, y + 29, 'seconds', { colour: FAINT, align: 'centre' });
}

const COLOUR_BAR_WIDTH = 390;

function drawLegend(canvas: Canvas, y: number): void {
  canvas.fill(LEFT, y + 9, 28, 6, KEY);
  canvas.text(LEFT + 38, y + 4, 'key pressed', { colour: INK });
  canvas.fill(LEFT + 260, y + 12, 28, 1, DTMF);
  canvas.text(LEFT + 298, y + 4, 'frequencies of keys (Hz)', { colour: INK });
  const barLeft = LEFT + PLOT_WIDTH - COLOUR_BAR_WIDTH;
  for (let x = 0; x < COLOUR_BAR_WIDTH; x++) {
    canvas.fill(barLeft + x, y + 2, 1, 12, heat(x / (COLOUR_BAR_WIDTH - 1)));
  }
  for (let level = -70; level <= BRIGHTEST_DBM0; level += 10) {
    const x = barLeft + ((level - DARKEST_DBM0) / (BRIGHTEST_DBM0 - DARKEST_DBM0)) * (COLOUR_BAR_WIDTH - 1);
    canvas.text(x, y + 18, `${level}`, { colour: INK, align: 'centre' });
  }
  canvas.text(barLeft - 10, y + 4, 'dBm0', { colour: INK, align: 'right' });
}
