import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { repoRoot } from '../repo-root.ts';

/** Every attack and fault that was planned for. A row may not vanish from the page. */
const PLANNED = [
  'HTTP request smuggling',
  'oversize, slowloris, bad UTF-8, prototype pollution, deep JSON',
  'BOLA across tenants',
  'requests without end',
  'stolen API key, leaked log',
  'double click, two agents, retry storm, replayed call',
  'gateway answer lost, 500 after commit',
  'crash (SIGKILL) at each step of a payment',
  'clock jump ±1 h',
  'card testing through the call',
  'disk full, store down',
  'Redis failover, stall, lost last second',
  'our webhooks forged, replayed, repeated',
  'notices of gateways forged, replayed, out of order, doubled',
  'SSRF by webhook URL',
  'SSRF by connector URL',
  'audit tampering',
  'card number in a log, event, answer or file',
  'memory, core or heap leak of a card',
  'XSS, CSRF, clickjacking of our pages',
  'session theft, fixation, idle, MFA skip',
  'pay link guess, forward, replay',
  'dependency attack',
  'prompt, locale, SSML injection',
  'RTP bleed',
  'RTP and key injection',
  'SRTP with bad tags',
  'DTLS ClientHello race',
  'SIP digest leak',
  'SIP header smuggling',
  'INVITE and TCP flood',
  'SIP over TCP: slow drip, split, no or huge Content-Length',
  'RFC 4475, fuzz',
  'toll fraud',
  'SIP scanner',
  'keys on leg 7 (codec change, hold, re-INVITE)',
];

interface Row {
  readonly attack: string;
  readonly expected: string;
  readonly tests: readonly { readonly file: string; readonly titles: readonly string[] }[];
  readonly notHere: boolean;
}

function rowsOf(page: string): readonly Row[] {
  return page
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| attack'))
    .map((line) => {
      const [attack = '', expected = '', tests = '', ...more] = line.slice(2, -2).split(' | ');
      if (more.length > 0 || tests === '') throw new Error(`not a row of three cells: ${line}`);
      return {
        attack,
        expected,
        tests: [...tests.matchAll(/`([^`]+)`((?:,? \*[^*]+\*)+)/g)].map(([, file = '', titles = '']) => ({
          file,
          titles: [...titles.matchAll(/\*([^*]+)\*/g)].map(([, title = '']) => title),
        })),
        notHere: tests.startsWith('not here yet: '),
      };
    });
}

const rows = rowsOf(readFileSync(join(repoRoot, 'docs/security/attacks.md'), 'utf8'));

describe('docs/security/attacks.md', () => {
  it('has a row for every attack that was planned for, and no other', () => {
    expect(rows.map(({ attack }) => attack)).toEqual(PLANNED);
  });

  it.each(rows.map((row) => [row.attack, row] as const))(
    '%s: has tests, by their titles, or says what is missing',
    (_, { tests, notHere, expected }) => {
      expect(expected).not.toBe('');
      expect(tests.length > 0).toBe(!notHere);
      for (const { file, titles } of tests) {
        const path = join(repoRoot, `${file}.test.ts`);
        expect([file, existsSync(path)]).toEqual([file, true]);
        const source = readFileSync(path, 'utf8');
        expect(titles.filter((title) => !source.includes(title))).toEqual([]);
      }
    },
  );

  it('sees a row that lacks something (control)', () => {
    const [row, other] = rowsOf('| a | b | `x/y` *one*, *two*; `z` *three* |\n| c | d | not here yet: e |');
    expect(row).toMatchObject({
      tests: [
        { file: 'x/y', titles: ['one', 'two'] },
        { file: 'z', titles: ['three'] },
      ],
      notHere: false,
    });
    expect(other).toMatchObject({ tests: [], notHere: true });
  });
});
