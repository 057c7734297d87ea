/**
 * The answer that each message of RFC 4475 deserves from a UAS that takes calls and registers nobody. `486` stands for "a call
 * that reached the application, which is busy"; `silence` for what must not be answered.
 */
export interface TortureAnswer {
  readonly section: string;
  readonly answer: number | 'silence';
  /** Over a stream, where that differs. */
  readonly tcp?: number | 'silence' | 'timeout';
  readonly why: string;
}

const taken = (section: string, why: string): TortureAnswer => ({ section, answer: 486, why });
const asked = (section: string, why: string): TortureAnswer => ({ section, answer: 200, why });
const broken = (section: string, why: string): TortureAnswer => ({ section, answer: 400, why });
const notOurs = (section: string, why: string): TortureAnswer => ({ section, answer: 405, why });
const ignored = (section: string, why: string): TortureAnswer => ({ section, answer: 'silence', why });

export const TORTURE_ANSWERS: Readonly<Record<string, TortureAnswer>> = {
  wsinv: {
    section: '3.1.1.1',
    answer: 481,
    why: 'folding, compact forms, a branch of RFC 2543: valid, but its To tag names a dialog that is not',
  },
  intmeth: notOurs('3.1.1.2', 'a method nobody knows, written with every character that a token may have'),
  esc01: taken('3.1.1.3', 'escapes in the user part are never decoded'),
  escnull: notOurs('3.1.1.4', 'REGISTER; %00 in users is text'),
  esc02: notOurs('3.1.1.5', 'RE%47IST%45R is a method of its own'),
  lwsdisp: asked('3.1.1.6', 'no space between display name and <'),
  longreq: taken('3.1.1.7', 'long values within our limits'),
  dblreq: notOurs(
    '3.1.1.8',
    'REGISTER; what follows its body is nothing in a datagram, a request in a stream',
  ),
  semiuri: asked('3.1.1.9', 'a semicolon in the user part'),
  transports: asked('3.1.1.10', 'transports in Via that we do not know, below the top'),
  mpart01: notOurs('3.1.1.11', 'MESSAGE; its binary part is not looked at'),
  unreason: ignored('3.1.1.12', 'a response of no transaction'),
  noreason: ignored('3.1.1.13', 'a response of no transaction, without a reason phrase'),
  badinv01: broken('3.1.2.1', 'empty parameters'),
  clerr: { ...broken('3.1.2.2', 'Content-Length is larger than the datagram'), tcp: 'timeout' },
  ncl: broken('3.1.2.3', 'negative Content-Length'),
  scalar02: broken('3.1.2.4', 'numbers that overflow'),
  scalarlg: ignored('3.1.2.5', 'a response with numbers that overflow'),
  quotbal: broken('3.1.2.6', 'a quoted string without its end'),
  ltgtruri: broken('3.1.2.7', '<> around the Request-URI'),
  lwsruri: broken('3.1.2.8', 'space in the Request-URI'),
  lwsstart: broken('3.1.2.9', 'two spaces in the request line'),
  trws: broken('3.1.2.10', 'a space at the end of the request line'),
  escruri: broken('3.1.2.11', 'headers in the Request-URI'),
  baddate: taken('3.1.2.12', 'a Date that nothing here uses is not worth a call'),
  regbadct: broken('3.1.2.13', 'a ? in a Contact without <>'),
  badaspec: broken('3.1.2.14', 'spaces in an addr-spec'),
  baddn: broken('3.1.2.15', 'a display name that needs quotes'),
  badvers: { section: '3.1.2.16', answer: 505, why: 'SIP/7.0' },
  mismatch01: broken('3.1.2.17', 'CSeq names another method'),
  mismatch02: broken('3.1.2.18', 'the same with a method nobody knows'),
  bigcode: ignored('3.1.2.19', 'a status of ten digits'),
  badbranch: asked('3.2.1', 'a branch that is only the cookie'),
  insuf: broken('3.3.1', 'From, To and Call-ID are missing'),
  unkscm: { section: '3.3.2', answer: 416, why: 'a scheme nobody knows' },
  novelsc: { section: '3.3.3', answer: 416, why: 'a scheme that is not for calls' },
  unksm2: notOurs('3.3.4', 'REGISTER; foreign schemes in From, To and Contact are text'),
  bext01: { section: '3.3.5', answer: 420, why: 'extensions that nobody supports' },
  invut: { section: '3.3.6', answer: 415, why: 'a body of unknown type' },
  regaut01: notOurs('3.3.7', 'REGISTER; its credentials are not looked at'),
  multi01: broken('3.3.8', 'several values where one may stand'),
  mcl01: broken('3.3.9', 'two Content-Lengths'),
  bcast: ignored('3.3.10', 'a response whose Via is not ours'),
  zeromf: asked('3.3.11', 'Max-Forwards 0 stops at us, who are asked'),
  cparam01: notOurs('3.3.12', 'REGISTER; an unknown Contact parameter'),
  cparam02: notOurs('3.3.13', 'REGISTER; an unknown parameter of the Contact URI'),
  regescrt: notOurs('3.3.14', 'REGISTER; a Route in a Contact URI'),
  sdp01: { section: '3.3.15', answer: 406, why: 'the caller takes no session description in an answer' },
  inv2543: { ...taken('3.4.1', 'RFC 2543: no branch, no tag, no Contact'), tcp: 400 },
};
