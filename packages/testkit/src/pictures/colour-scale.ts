import type { Colour } from './canvas.ts';

/** Dark to bright with rising lightness, so that it also reads in grey and for the colour-blind. */
const STOPS: readonly (readonly [at: number, colour: Colour])[] = [
  [0, [8, 8, 20]],
  [0.25, [60, 15, 110]],
  [0.5, [165, 40, 95]],
  [0.75, [240, 125, 30]],
  [1, [255, 250, 190]],
];

const SHADES = 256;
const TABLE = Array.from({ length: SHADES }, (_, shade) => blend(shade / (SHADES - 1)));

/** The colour of a share from 0 to 1. */
export function heat(share: number): Colour {
  const value = share <= 0 ? 0 : share >= 1 ? 1 : share;
  return TABLE[(value * (SHADES - 1) + 0.5) | 0] ?? [255, 255, 255];
}

function blend(value: number): Colour {
  const upper = STOPS.findIndex(([at]) => value <= at);
  const [highAt, high] = STOPS[upper] ?? [1, [255, 255, 255]];
  const [lowAt, low] = STOPS[upper - 1] ?? [highAt, high];
  const part = highAt === lowAt ? 0 : (value - lowAt) / (highAt - lowAt);
  const mixed = (one: number, other: number): number => Math.round(one + (other - one) * part);
  return [mixed(low[0], high[0]), mixed(low[1], high[1]), mixed(low[2], high[2])];
}
