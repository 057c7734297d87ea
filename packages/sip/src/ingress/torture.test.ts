/**
 * Two hostile readers. The mutation test bends good messages in some thousand ways and wants no exception and only
 * well-formed answers. The RFC 4475 test runs over the 49 torture messages where their files are at hand.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Flow } from '../router/transport.ts';
import { parseSipMessage } from './parse-message.ts';
import type { ParseResult } from './parse-result.ts';
import { FRAGMENTS } from './test-support/fragments.ts';

const flow: Flow = {
  protocol: 'udp',
  local: { host: '192.0.2.100', port: 5060 },
  remote: { host: '192.0.2.1', port: 5060 },
};

const seeds = [
  'INVITE sip:+4420@example.com;transport=tcp SIP/2.0\r\nVia: SIP/2.0/TCP sbc.example.com:5061;branch=z9hG4bKa;rport, SIP/2.0/UDP [2001:db8::1]\r\n' +
    'Max-Forwards: 70\r\nFrom: "A \\"B\\"" <sip:a%25b@x.example>;tag=1\r\nTo: <sip:+4420@example.com>\r\nCall-ID: c@x\r\nCSeq: 1 INVITE\r\n' +
    'Contact: <sip:a@192.0.2.1:5060;ob>;+sip.instance="<urn:uuid:1>"\r\nk: timer, replaces\r\nRecord-Route: <sip:p1;lr>,\r\n <sip:p2;lr>\r\n' +
    'Session-Expires: 1800;refresher=uac\r\nUser-to-User: 00a1;encoding=hex\r\nContent-Type: application/sdp\r\nContent-Length: 5\r\n\r\nv=0\r\n',
  'SIP/2.0 200 OK\r\nv: SIP/2.0/UDP 192.0.2.100;branch=z9hG4bKb\r\nf: sip:a@b;tag=1\r\nt: sip:c@d;tag=2\r\ni: 1\r\nCSeq: 2 BYE\r\nl: 0\r\n\r\n',
  'BYE sips:[::1]:5061 SIP/2.0\r\nVia: SIP / 2.0 / UDP h : 5060 ; branch = z9hG4bKc\r\nFrom : <tel:+1>;tag=x\r\nTo: b <sip:b@c;x=y?h=v>;tag=z\r\n' +
    'Call-ID: 9\r\nCSeq: 3 BYE\r\nReason: Q.850;cause=16;text="a, b"\r\nContent-Length:0\r\n\r\n',
  'ACK sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK\r\nFrom: sip:a@b\r\nTo: sip:c@d\r\nCall-ID: 1\r\nCSeq: 1 ACK\r\n\r\n',
].map((text) => new TextEncoder().encode(text));

const mutation = fc.record({
  at: fc.nat({ max: 1_000 }),
  cut: fc.oneof({ weight: 3, arbitrary: fc.nat({ max: 4 }) }, fc.nat({ max: 200 })),
  insert: fc.oneof(fc.constantFrom(...FRAGMENTS), fc.uint8Array({ maxLength: 4 })),
});

function mutate(
  seed: Uint8Array,
  edits: readonly { at: number; cut: number; insert: Uint8Array }[],
): Uint8Array {
  let octets = [...seed];
  for (const { at, cut, insert } of edits) octets.splice(at % (octets.length + 1), cut, ...insert);
  octets = octets.slice(0, 5_000);
  return Uint8Array.from(octets);
}

function checkAnswer(result: ParseResult): void {
  if (result.kind !== 'refuse') return;
  const answer = parseSipMessage(new TextEncoder().encode(result.answer), flow);
  if (answer.kind !== 'message') throw new Error(`${answer.problem} in the answer:\n${result.answer}`);
  expect(answer.message).toMatchObject({ kind: 'response', status: result.status });
  expect(answer.message.to.params.has('tag')).toBe(true);
}

describe('parseSipMessage never throws, and its answers are well-formed,', () => {
  it('on mutated messages', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...seeds),
        fc.array(mutation, { minLength: 1, maxLength: 4 }),
        (seed, edits) => {
          checkAnswer(parseSipMessage(mutate(seed, edits), flow));
        },
      ),
      { seed: 4475, numRuns: 8_000 },
    );
  });

  it('on truncated messages', () => {
    for (const seed of seeds) {
      for (let length = 0; length <= seed.length; length++) {
        checkAnswer(parseSipMessage(seed.subarray(0, length), flow));
      }
    }
  });

  it('on noise', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (noise) => {
        expect(parseSipMessage(noise, flow).kind).toBe('drop');
      }),
      { seed: 1, numRuns: 2_000 },
    );
  });
});

/** RFC 4475: what a parser, before any transaction or method logic, has to say to each message. */
const verdicts: Readonly<Record<string, 'message' | 'drop' | number>> = {
  wsinv: 'message',
  intmeth: 'message',
  esc01: 'message',
  escnull: 'message',
  esc02: 'message',
  lwsdisp: 'message',
  longreq: 'message',
  dblreq: 'message',
  semiuri: 'message',
  transports: 'message',
  mpart01: 'message',
  unreason: 'message',
  noreason: 'message',
  badinv01: 400,
  clerr: 400,
  ncl: 400,
  scalar02: 400,
  scalarlg: 'drop',
  quotbal: 400,
  ltgtruri: 400,
  lwsruri: 400,
  lwsstart: 400,
  trws: 400,
  escruri: 400,
  // A Date that nothing here uses is not worth a call.
  baddate: 'message',
  regbadct: 400,
  badaspec: 400,
  baddn: 400,
  badvers: 505,
  mismatch01: 400,
  mismatch02: 400,
  bigcode: 'drop',
  badbranch: 'message',
  insuf: 400,
  unkscm: 416,
  novelsc: 416,
  // Foreign schemes in To, From and Contact are opaque text.
  unksm2: 'message',
  // What follows is for the layers above: 420, 415, 401, transaction matching, 483, 406.
  bext01: 'message',
  invut: 'message',
  regaut01: 'message',
  multi01: 400,
  mcl01: 400,
  bcast: 'message',
  zeromf: 'message',
  cparam01: 'message',
  cparam02: 'message',
  regescrt: 'message',
  sdp01: 'message',
  inv2543: 'message',
};

const repository = join(dirname(fileURLToPath(import.meta.url)), '../../../..');
const folder = join(process.env.SORDINO_SHARED ?? join(repository, '../shared'), 'rfc4475');

if (existsSync(folder)) {
  describe('RFC 4475', () => {
    it.each(Object.entries(verdicts))('%s: %s', (name, verdict) => {
      const result = parseSipMessage(readFileSync(join(folder, `${name}.dat`)), flow);
      const got = result.kind === 'refuse' ? result.status : result.kind;
      expect([got, 'problem' in result ? result.problem : ''].join(' ')).toMatch(new RegExp(`^${verdict} `));
      checkAnswer(result);
    });
  });
}
