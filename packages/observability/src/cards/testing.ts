import fc from 'fast-check';

/** Numbers that the schemes and gateways publish for tests. */
export const TEST_CARDS = [
  '4242424242424242',
  '4111111111111111',
  '4000000000000002',
  '4222222222222',
  '4000000000000000006',
  '5555555555554444',
  '2223003122003222',
  '378282246310005',
  '6011111111111117',
  '30569309025904',
  '3566002020360505',
  '6205500000000000004',
  '6771798021000008',
] as const;

const SHAPES: readonly (readonly [prefix: string, length: number])[] = [
  ['4', 13],
  ['4', 16],
  ['4', 19],
  ['51', 16],
  ['2720', 16],
  ['34', 15],
  ['37', 15],
  ['6011', 16],
  ['649', 19],
  ['36', 14],
  ['305', 16],
  ['3528', 16],
  ['3589', 19],
  ['62', 17],
  ['50', 13],
  ['67', 18],
  ['2204', 16],
];

/** Any number that passes Luhn's check, of any brand. */
export const aCardNumber: fc.Arbitrary<string> = fc
  .tuple(fc.constantFrom(...SHAPES), fc.array(fc.nat(9), { minLength: 19, maxLength: 19 }))
  .map(([[prefix, length], digits]) => {
    const body = prefix + digits.join('').slice(0, length - prefix.length - 1);
    return body + checkDigit(body);
  });

function checkDigit(body: string): number {
  let sum = 0;
  for (const [i, digit] of [...body].reverse().entries()) {
    const weighted = Number(digit) * (i % 2 === 0 ? 2 : 1);
    sum += weighted > 9 ? weighted - 9 : weighted;
  }
  return (10 - (sum % 10)) % 10;
}
