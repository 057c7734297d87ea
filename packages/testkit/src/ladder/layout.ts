/** One line of a ladder, before it is drawn. `from` and `to` are column numbers. */
export type Rung =
  | {
      readonly kind: 'arrow';
      readonly margin: string;
      readonly from: number;
      readonly to: number;
      readonly label: string;
    }
  | {
      readonly kind: 'band';
      readonly margin: string;
      readonly from: number;
      readonly to: number;
      readonly label: string;
    }
  | { readonly kind: 'note'; readonly margin: string; readonly label: string };

/** Fewer characters between two lifelines look cramped. */
const GAP_MIN = 14;
/** An arrow needs this beside its label: two strokes on the left, one and a head on the right. */
const ARROW_EXTRA = 5;

/** Draws columns and rungs as text; every column is as far from the next as its longest label needs. */
export function drawLadder(columns: readonly string[], rungs: readonly Rung[]): string {
  const marginWidth = rungs.reduce((width, rung) => Math.max(width, rung.margin.length), 0);
  const positions = lifelines(columns, rungs);
  const line = (margin: string, drawn: string): string => `${margin.padStart(marginWidth)}${drawn}`.trimEnd();
  const header = blank(positions, ' ');
  columns.forEach((name, index) => {
    write(header, (positions[index] ?? 0) - Math.floor(name.length / 2), name);
  });
  return `${[
    line('', header.join('')),
    ...rungs.map((rung) => line(rung.margin, drawRung(positions, rung).join(''))),
  ].join('\n')}\n`;
}

function lifelines(columns: readonly string[], rungs: readonly Rung[]): number[] {
  const gaps = columns
    .slice(1)
    .map((name, index) =>
      Math.max(GAP_MIN, Math.ceil((name.length + (columns[index]?.length ?? 0)) / 2) + 2),
    );
  for (const rung of rungs) {
    if (rung.kind === 'note') continue;
    const [left, right] = [Math.min(rung.from, rung.to), Math.max(rung.from, rung.to)];
    const room = gaps.slice(left, right).reduce((sum, gap) => sum + gap, 0) - 1;
    const last = gaps[right - 1];
    const missing = rung.label.length + ARROW_EXTRA - room;
    if (missing > 0 && last !== undefined && right > left) gaps[right - 1] = last + missing;
  }
  const first = Math.max(2, Math.floor((columns[0]?.length ?? 0) / 2) + 1);
  return columns.map((_, index) => first + gaps.slice(0, index).reduce((sum, gap) => sum + gap, 0));
}

function drawRung(positions: readonly number[], rung: Rung): string[] {
  const canvas = blank(positions, '|');
  if (rung.kind === 'note') {
    write(canvas, (positions[0] ?? 0) + 2, ` ${rung.label} `);
    return canvas;
  }
  const left = positions[Math.min(rung.from, rung.to)] ?? 0;
  const right = positions[Math.max(rung.from, rung.to)] ?? 0;
  const label = rung.kind === 'band' ? ` ${rung.label} ` : rung.label;
  if (left === right) {
    write(canvas, left + 2, `(${rung.label})`);
    return canvas;
  }
  for (let at = left + 1; at < right; at++) canvas[at] = rung.kind === 'band' ? '=' : '-';
  if (rung.kind === 'arrow' && rung.from < rung.to) canvas[right - 1] = '>';
  if (rung.kind === 'arrow' && rung.from > rung.to) canvas[left + 1] = '<';
  write(canvas, left + 1 + Math.max(0, Math.floor((right - left - 1 - label.length) / 2)), label);
  return canvas;
}

function blank(positions: readonly number[], lifeline: string): string[] {
  const canvas = new Array<string>((positions.at(-1) ?? 0) + 1).fill(' ');
  for (const position of positions) canvas[position] = lifeline;
  return canvas;
}

function write(canvas: string[], from: number, text: string): void {
  for (let at = canvas.length; at < from; at++) canvas[at] = ' ';
  [...text].forEach((letter, index) => {
    if (from + index >= 0) canvas[from + index] = letter;
  });
}
