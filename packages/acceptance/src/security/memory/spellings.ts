/** One way in which digits can lie in memory. */
export interface Spelling {
  readonly name: string;
  readonly bytes: Buffer;
}

const ASCII_ZERO = 48;

/** One element per digit, as strings and arrays of each width hold them. */
const ELEMENTS: Readonly<Record<string, (value: number) => Buffer>> = {
  '1 byte each': (value) => Buffer.of(value),
  '2 bytes each, little-endian': (value) => Buffer.of(value, 0),
  '2 bytes each, big-endian': (value) => Buffer.of(0, value),
  '4 bytes each': (value) => Buffer.of(value, 0, 0, 0),
  // V8 without pointer compression: a small integer is the upper half of a word.
  'small integers of V8': (value) => Buffer.of(0, 0, 0, 0, value, 0, 0, 0),
  doubles: (value) => {
    const element = Buffer.alloc(8);
    element.writeDoubleLE(value);
    return element;
  },
};

/**
 * `digits`, ten or more of a card number (fewer are found by chance), as text, as numbers, and as text of either: ASCII, UTF-16, packed
 * two to a byte, JSON of a typed array, hexadecimal, base64. `places`: where in their array they may begin.
 */
export function spellingsOf(digits: string, places: readonly number[]): Spelling[] {
  const values = [...digits].map(Number);
  const codes = values.map((value) => ASCII_ZERO + value);
  const text = (name: string, spelled: string): Spelling => ({ name, bytes: Buffer.from(spelled) });
  const json = (name: string, elements: readonly number[]) =>
    places.map((place) => text(name, elements.map((value, at) => `"${place + at}":${value}`).join(',')));
  return [
    ...Object.entries(ELEMENTS).flatMap(([name, element]) => [
      { name: `characters, ${name}`, bytes: Buffer.concat(codes.map(element)) },
      { name: `digits, ${name}`, bytes: Buffer.concat(values.map(element)) },
    ]),
    { name: 'packed', bytes: Buffer.from(evenPart(digits), 'hex') },
    { name: 'packed', bytes: Buffer.from(evenPart(digits.slice(1)), 'hex') },
    text('list of digits', values.join(',')),
    text('list of characters', codes.join(',')),
    ...json('JSON of a typed array', codes),
    ...json('JSON of a typed array', values),
    text('hexadecimal', Buffer.from(digits).toString('hex')),
    ...base64Of(digits),
  ];
}

const evenPart = (digits: string): string => digits.slice(0, digits.length - (digits.length % 2));

/** At each of three places in a group of three bytes; what depends on neighbours is cut off. */
function base64Of(digits: string): Spelling[] {
  return [0, 1, 2].map((before) => {
    const whole = Buffer.from('\0'.repeat(before) + digits).toString('base64');
    const from = Math.ceil((before * 8) / 6);
    const to = Math.floor(((before + digits.length) * 8) / 6);
    return { name: 'base64', bytes: Buffer.from(whole.slice(from, to)) };
  });
}

/**
 * A security code of three or four digits is everywhere by chance, so it is searched for in what a program makes of one: a named value
 * of a body, a string or a list of its own, and its place in the buffer of a session. Codes are chosen of which none of these is in
 * memory before they are keyed.
 */
export function codeSpellingsOf(code: string): Spelling[] {
  const texts = [`"cvv":"${code}"`, `"cvc":"${code}"`, `cvc]=${code}`, `cvc=${code}`, `cvv=${code}`];
  const length = Buffer.of(code.length, 0, 0, 0);
  const around = Buffer.alloc(16);
  return [
    ...texts.map((text) => ({ name: 'security code in a body', bytes: Buffer.from(text) })),
    { name: 'security code in a text', bytes: Buffer.from(`"cvv":"${code}"`, 'utf16le') },
    // V8: the length in 32 bits, then the characters.
    { name: 'security code, a string', bytes: Buffer.concat([length, Buffer.from(code)]) },
    {
      name: 'security code, a list of digits',
      // After its length.
      bytes: Buffer.concat(
        [code.length, ...code].map((element) => Buffer.of(0, 0, 0, 0, Number(element), 0, 0, 0)),
      ),
    },
    {
      name: 'security code between zeros',
      bytes: Buffer.concat([around, Buffer.from(code), around]),
    },
  ];
}
