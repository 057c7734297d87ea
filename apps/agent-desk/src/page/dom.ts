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

/** Text goes in by `textContent` only, so nothing that the API says can become markup. Untouched when the same: no reader repeats it. */
export function say(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  className = '',
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  if (className !== '') made.className = className;
  return made;
}
