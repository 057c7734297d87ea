/** What the ng protocol of rtpengine is written in. */
export type Bencoded = string | number | readonly Bencoded[] | { readonly [key: string]: Bencoded };

export function bencode(value: Bencoded): string {
  if (typeof value === 'string') return `${Buffer.byteLength(value)}:${value}`;
  if (typeof value === 'number') return `i${value}e`;
  if (Array.isArray(value)) return `l${value.map(bencode).join('')}e`;
  return `d${Object.entries(value)
    .map(([key, held]) => bencode(key) + bencode(held))
    .join('')}e`;
}

/** Throws when it is not bencode. Lengths count octets: hand in latin1. */
export function bdecode(text: string): Bencoded {
  const reader = { text, at: 0 };
  return read(reader);
}

interface Reader {
  readonly text: string;
  at: number;
}

function read(reader: Reader): Bencoded {
  const kind = reader.text[reader.at];
  if (kind === 'i') {
    reader.at += 1;
    return Number(until(reader, 'e'));
  }
  if (kind === 'l') return items(reader);
  if (kind === 'd') {
    const held = items(reader);
    const entries: [string, Bencoded][] = [];
    for (let n = 0; n + 1 < held.length; n += 2) entries.push([String(held[n]), held[n + 1] ?? '']);
    return Object.fromEntries(entries);
  }
  const length = Number(until(reader, ':'));
  if (!Number.isInteger(length) || length < 0 || reader.at + length > reader.text.length)
    throw new Error(`not bencode at ${reader.at}`);
  reader.at += length;
  return reader.text.slice(reader.at - length, reader.at);
}

function items(reader: Reader): Bencoded[] {
  reader.at += 1;
  const held: Bencoded[] = [];
  while (reader.text[reader.at] !== 'e') {
    if (reader.at >= reader.text.length) throw new Error('the bencode ends early');
    held.push(read(reader));
  }
  reader.at += 1;
  return held;
}

function until(reader: Reader, end: string): string {
  const at = reader.text.indexOf(end, reader.at);
  if (at < 0) throw new Error(`no "${end}" after ${reader.at}`);
  const found = reader.text.slice(reader.at, at);
  reader.at = at + 1;
  return found;
}
