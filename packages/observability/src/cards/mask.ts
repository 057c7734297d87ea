import { OPAQUE_ID } from '@sordino/core';
import { CARD_DIGITS_MIN } from './brands.ts';
import { digitRuns, unitsOfText } from './digit-runs.ts';
import { cardIn } from './windows.ts';

export const MASK = '[PAN]';

export interface Masked {
  readonly text: string;
  /** Card numbers that were replaced. */
  readonly hits: number;
}

interface Span {
  readonly from: number;
  readonly to: number;
}

/** Replaces each run of digits that holds a card number by `[PAN]`: whole, because what is glued to it may be its security code. */
export function maskCards(text: string): Masked {
  const spans = cardSpans(text);
  return { text: replaceSpans(text, spans, () => MASK), hits: spans.length };
}

/** As `maskCards` for one JSON text, which stays JSON: a bare number becomes the string `"[PAN]"`. */
export function maskJsonLine(line: string): Masked {
  const spans = cardSpans(line).map((span) => (isInString(line, span.from) ? span : wholeNumber(line, span)));
  return {
    text: replaceSpans(line, spans, (span) => (isInString(line, span.from) ? MASK : `"${MASK}"`)),
    hits: spans.length,
  };
}

function cardSpans(text: string): Span[] {
  const spans: Span[] = [];
  for (const run of digitRuns(unitsOfText(text), CARD_DIGITS_MIN))
    if (cardIn(run)) spans.push({ from: run.starts[0] ?? 0, to: run.ends.at(-1) ?? 0 });
  if (spans.length === 0) return spans;
  const ids = Array.from(text.matchAll(OPAQUE_ID), ({ index, 0: id }) => ({
    from: index,
    to: index + id.length,
  }));
  return spans.filter((span) => !ids.some((id) => span.from >= id.from && span.to <= id.to));
}

function replaceSpans(text: string, spans: readonly Span[], by: (span: Span) => string): string {
  let result = '';
  let done = 0;
  for (const span of spans) {
    result += text.slice(done, span.from) + by(span);
    done = span.to;
  }
  return result + text.slice(done);
}

function isInString(line: string, offset: number): boolean {
  let inside = false;
  for (let i = 0; i < offset; i++) {
    if (line[i] === '\\') i++;
    else if (line[i] === '"') inside = !inside;
  }
  return inside;
}

/** With its sign and exponent. */
function wholeNumber(line: string, span: Span): Span {
  let { from, to } = span;
  while (/[-+.\deE]/.test(line[from - 1] ?? '')) from--;
  while (/[-+.\deE]/.test(line[to] ?? '')) to++;
  return { from, to };
}
