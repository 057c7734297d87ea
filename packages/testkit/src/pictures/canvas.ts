import { PNG } from 'pngjs';
import { GLYPH_HEIGHT, GLYPH_WIDTH, glyphPixel } from './font.ts';

export type Colour = readonly [red: number, green: number, blue: number];

/** Twice the font's own size reads well on any screen. */
export const TEXT_SCALE = 2;

export interface TextOptions {
  readonly colour?: Colour;
  /** Pixels of the picture for one pixel of the font. */
  readonly scale?: number;
  readonly align?: 'left' | 'centre' | 'right';
}

/** A picture to draw on: pixels, rectangles and letters. What lies outside is not drawn. */
export class Canvas {
  readonly width: number;
  readonly height: number;
  readonly #png: PNG;

  constructor(width: number, height: number, background: Colour) {
    this.width = width;
    this.height = height;
    this.#png = new PNG({ width, height });
    this.fill(0, 0, width, height, background);
  }

  pixel(x: number, y: number, [red, green, blue]: Colour): void {
    if (x < 0 || y < 0 || x >= this.width || y >= this.height) return;
    const at = (y * this.width + x) * 4;
    this.#png.data[at] = red;
    this.#png.data[at + 1] = green;
    this.#png.data[at + 2] = blue;
    this.#png.data[at + 3] = 255;
  }

  fill(left: number, top: number, width: number, height: number, colour: Colour): void {
    const right = Math.min(this.width, left + width);
    const bottom = Math.min(this.height, top + height);
    for (let y = Math.max(0, top); y < bottom; y++) {
      for (let x = Math.max(0, left); x < right; x++) this.pixel(x, y, colour);
    }
  }

  /** Draws one line of text whose top is at `y`. */
  text(x: number, y: number, text: string, options: TextOptions = {}): void {
    const { colour = [30, 34, 42], scale = TEXT_SCALE, align = 'left' } = options;
    const width = textWidth(text, scale);
    const left = Math.round(align === 'left' ? x : align === 'right' ? x - width : x - width / 2);
    [...text].forEach((letter, index) => {
      const from = left + index * (GLYPH_WIDTH + 1) * scale;
      for (let row = 0; row < GLYPH_HEIGHT; row++) {
        for (let column = 0; column < GLYPH_WIDTH; column++) {
          if (!glyphPixel(letter, column, row)) continue;
          this.fill(from + column * scale, y + row * scale, scale, scale, colour);
        }
      }
    });
  }

  /** The picture as a PNG file. */
  encode(): Uint8Array {
    // One filter for all lines (1, the difference to the pixel at the left): trying all five takes most of a second.
    return PNG.sync.write(this.#png, { filterType: 1 });
  }
}

export function textWidth(text: string, scale: number): number {
  return Math.max(0, text.length * (GLYPH_WIDTH + 1) - 1) * scale;
}
