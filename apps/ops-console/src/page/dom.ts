/** The one element that index.html has for this; a page without it is a broken build. */
export function must<Kind extends Element>(
  root: ParentNode,
  selector: string,
  kind: abstract new () => Kind,
): Kind {
  const found = root.querySelector(selector);
  if (found instanceof kind) return found;
  throw new Error(`index.html lacks ${selector}`);
}

/** Text goes in by `textContent` only, so nothing that the API says can become markup. Untouched when the same: focus and selection stay. */
export function say(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** Makes `body` have one row per item, in order, and keeps the rows of items that were there before. */
export function rows<Item>(
  body: HTMLElement,
  items: readonly Item[],
  keyOf: (item: Item) => string,
  fill: (row: HTMLTableRowElement, item: Item) => void,
): void {
  const known = new Map(
    [...body.children].map((row) => [(row as HTMLElement).dataset.key, row as HTMLTableRowElement]),
  );
  items.forEach((item, index) => {
    const key = keyOf(item);
    const row = known.get(key) ?? document.createElement('tr');
    known.delete(key);
    row.dataset.key = key;
    fill(row, item);
    if (body.children[index] !== row) body.insertBefore(row, body.children[index] ?? null);
  });
  for (const row of known.values()) row.remove();
}

/** Makes `row` have these texts, one cell each. */
export function cells(row: HTMLTableRowElement, texts: readonly string[]): void {
  texts.forEach((text, index) => {
    say(row.cells[index] ?? row.insertCell(), text);
  });
}
