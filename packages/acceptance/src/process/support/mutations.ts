/** Octets that are nearly right, which is worse than noise. */

const SDP =
  'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0 101\r\n';

const message = (startLine: string, cseq: string, more: readonly string[] = [], body = ''): string =>
  [
    startLine,
    'Via: SIP/2.0/UDP 127.0.0.1:5999;branch=z9hG4bKstorm;rport',
    'Max-Forwards: 70',
    'From: "Storm" <sip:storm@127.0.0.1:5999>;tag=storm',
    'To: <sip:tok_storm@127.0.0.1>',
    'Call-ID: storm@127.0.0.1',
    `CSeq: 1 ${cseq}`,
    'Contact: <sip:storm@127.0.0.1:5999>',
    ...more,
    `Content-Length: ${body.length}`,
    '',
    body,
  ].join('\r\n');

/** What a platform sends: each is broken in thousands of ways. */
export const SEED_MESSAGES: readonly string[] = [
  message('INVITE sip:tok_storm@127.0.0.1 SIP/2.0', 'INVITE', ['Content-Type: application/sdp'], SDP),
  message('INVITE sip:tok_storm@127.0.0.1 SIP/2.0', 'INVITE', [
    'X-Sordino-Token: tok_x',
    'User-to-User: 00ab;encoding=hex',
    'Supported: timer,100rel',
    'Session-Expires: 90;refresher=uas',
  ]),
  message('ACK sip:127.0.0.1 SIP/2.0', 'ACK', ['Content-Type: application/sdp'], SDP),
  message('BYE sip:127.0.0.1 SIP/2.0', 'BYE', ['Reason: Q.850;cause=16']),
  message('CANCEL sip:tok_storm@127.0.0.1 SIP/2.0', 'CANCEL'),
  message('OPTIONS sip:127.0.0.1 SIP/2.0', 'OPTIONS'),
  message(
    'INFO sip:127.0.0.1 SIP/2.0',
    'INFO',
    ['Content-Type: application/dtmf-relay'],
    'Signal=5\r\nDuration=160\r\n',
  ),
  message('REFER sip:127.0.0.1 SIP/2.0', 'REFER', ['Refer-To: <sip:a@b?Replaces=x%3Bto-tag%3D1>']),
  message('SIP/2.0 200 OK', 'INVITE', ['Content-Type: application/sdp'], SDP),
  message('SIP/2.0 183 Session Progress', 'INVITE', ['RSeq: 1', 'Require: 100rel']),
];

/** Makes octets worse, by dice that fall the same way for the same seed. */
export function mutator(seed: number): (original: string | Uint8Array) => Buffer {
  const below = dice(seed);
  const hurts: readonly ((octets: Buffer) => Buffer)[] = [
    (octets) => octets.subarray(0, below(octets.length + 1)),
    (octets) => flip(octets, below, 1 + below(8)),
    (octets) => splice(octets, below(octets.length + 1), 0, noise(below, 1 + below(40))),
    (octets) => splice(octets, below(octets.length + 1), 1 + below(30), Buffer.alloc(0)),
    (octets) => repeat(octets, below),
    (octets) => replaceNumber(octets, below),
    (octets) => Buffer.concat([octets, octets]),
    (octets) => (below(20) === 0 ? noise(below, 1 + below(1_400)) : flip(octets, below, 1)),
  ];
  return (original) => {
    let octets: Buffer = Buffer.from(original);
    for (let times = 1 + below(3); times > 0; times -= 1)
      octets = hurts[below(hurts.length)]?.(octets) ?? octets;
    return octets.subarray(0, UDP_PAYLOAD_MAX_BYTES);
  };
}

/** A longer datagram is refused by our own kernel. */
const UDP_PAYLOAD_MAX_BYTES = 65_507;

type Dice = (limit: number) => number;

/** mulberry32: small, and the same everywhere. */
function dice(seed: number): Dice {
  let state = seed >>> 0;
  return (limit) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  };
}

const noise = (below: Dice, length: number): Buffer => Buffer.from(Array.from({ length }, () => below(256)));

function splice(octets: Buffer, at: number, removed: number, inserted: Buffer): Buffer {
  return Buffer.concat([octets.subarray(0, at), inserted, octets.subarray(at + removed)]);
}

function flip(octets: Buffer, below: Dice, times: number): Buffer {
  const copy = Buffer.from(octets);
  for (let done = 0; done < times && copy.length > 0; done += 1) copy[below(copy.length)] = below(256);
  return copy;
}

/** One header, or one piece, very often. */
function repeat(octets: Buffer, below: Dice): Buffer {
  const from = below(octets.length + 1);
  const piece = octets.subarray(from, from + 1 + below(60));
  return splice(octets, from, 0, Buffer.concat(Array.from({ length: 1 + below(50) }, () => piece)));
}

const NUMBERS = ['-1', '0', '65536', '4294967296', '99999999999999999999', '1e9', '0x10', '', 'NaN'];

function replaceNumber(octets: Buffer, below: Dice): Buffer {
  const text = octets.toString('latin1');
  const found = [...text.matchAll(/\d+/g)];
  const one = found[below(found.length)];
  if (one === undefined) return octets;
  return splice(octets, one.index, one[0].length, Buffer.from(NUMBERS[below(NUMBERS.length)] ?? ''));
}
