/** XML as Braintree writes it: dashes in names, and a `type` where it is not text. Members of a list are called `item`, or as it says. */
export const toXml = (root: string, value: unknown): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n${element(root, value)}\n`;

const MEMBER: Readonly<Record<string, string>> = { credit_cards: 'credit-card', errors: 'error' };

function element(name: string, value: unknown): string {
  const tag = name.replaceAll('_', '-');
  if (value === null || value === undefined) return `<${tag} nil="true"/>`;
  if (Array.isArray(value)) {
    const members = value.map((one) => element(MEMBER[name] ?? 'item', one)).join('');
    return `<${tag} type="array">${members}</${tag}>`;
  }
  switch (typeof value) {
    case 'object':
      return `<${tag}>${Object.entries(value)
        .map(([key, one]) => element(key, one))
        .join('')}</${tag}>`;
    case 'number':
      return `<${tag} type="integer">${value}</${tag}>`;
    case 'boolean':
      return `<${tag} type="boolean">${value}</${tag}>`;
    default:
      return `<${tag}>${escaped(String(value))}</${tag}>`;
  }
}

const escaped = (text: string): string =>
  text.replace(/[&<>]/g, (character) => ({ '&': '&amp;', '<': '&lt;' })[character] ?? '&gt;');
