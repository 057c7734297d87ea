import { ok, type Result, refuse } from '@sordino/core';
import { type Attribute, inherited, isDtlsAttribute } from './dtls-attributes.ts';
import {
  PAYLOAD_TYPE_MAX,
  PORT_MAX,
  SDP_CHARACTERS_MAX,
  SDP_LINE_CHARACTERS_MAX,
  SDP_LINES_MAX,
  SDP_MEDIA_MAX,
} from './sdp-limits.ts';

export interface MediaLine {
  readonly lineNumber: number;
  readonly type: string;
  readonly port: number;
  readonly protocol: string;
  readonly formatNames: readonly string[];
  /** Its own and those of the session; of audio lines only. */
  readonly dtlsAttributes: readonly Attribute[];
  /** The values of `a=crypto`, of an audio line only: RFC 4568 §5 knows none for the session. They hold keys. */
  readonly cryptoAttributes: readonly string[];
}

export interface CheckedSdp {
  /** The lines that we read, with CRLF: what the library gets to see. */
  readonly text: string;
  readonly media: readonly MediaLine[];
  readonly sessionDirection: string | undefined;
}

const MEDIA = /^([\w-]+) ([0-9]{1,5})(\/[0-9]+)? ([\w/]+)((?: +[\x21-\x7e]+)+) *$/;
const DIRECTION = /^(sendrecv|sendonly|recvonly|inactive)$/;

/** Attributes that the library reads for us, as RFC 8866 §6, RFC 3605 and RFC 4733 have them. */
const ATTRIBUTES: Readonly<Record<string, RegExp>> = {
  rtpmap: /^[0-9]{1,3} +[\w.+-]+\/[0-9]{1,9}(\/[0-9]{1,3})? *$/,
  fmtp: /^([0-9]{1,3}|\*) +\S.*$/,
  rtcp: /^[0-9]{1,5}( IN IP[46] \S+)? *$/,
  ptime: /^ *[0-9]{1,5}(\.[0-9]+)? *$/,
  maxptime: /^ *[0-9]{1,5}(\.[0-9]+)? *$/,
};

/**
 * The guard before the library, which skips in silence what it cannot read: bounds, the shape of each line that counts,
 * and the order of the first ones. The problem names line and field, never its text (an `a=crypto` holds a key).
 */
export function checkLines(text: string): Result<CheckedSdp, string> {
  if (text.length > SDP_CHARACTERS_MAX) return refuse(`it is longer than ${SDP_CHARACTERS_MAX} characters`);
  const lines = text.split(/\r\n|\n|\r/);
  while (lines.at(-1) === '') lines.pop();
  if (lines.length > SDP_LINES_MAX) return refuse(`it has more than ${SDP_LINES_MAX} lines`);
  if (lines[0] !== 'v=0') return refuse('line 1: it does not start with v=0');

  const kept: string[] = [];
  const media: MediaLine[] = [];
  const sessionDtls: Attribute[] = [];
  let ownDtls: Attribute[] = [];
  let ownCrypto: string[] = [];
  let sessionDirection: string | undefined;
  for (const [index, line] of lines.entries()) {
    const lineNumber = index + 1;
    const at = (problem: string): Result<never, string> => refuse(`line ${lineNumber}: ${problem}`);
    if (line.length > SDP_LINE_CHARACTERS_MAX) {
      return at(`it is longer than ${SDP_LINE_CHARACTERS_MAX} characters`);
    }
    if (!/^[a-z]=/.test(line)) return at('it is not of the form letter=value');
    const type = line.charAt(0);
    const value = line.slice(2);
    if (type === 'o' && !/^\S+ [0-9]{1,20} [0-9]{1,20} IN IP[46] \S+ *$/.test(value))
      return at('o= is malformed');
    if (type === 'c' && !/^IN IP[46] \S+ *$/.test(value)) return at('c= is malformed');
    if (type === 'm') {
      if (media.length >= SDP_MEDIA_MAX) return at(`there are more than ${SDP_MEDIA_MAX} m= lines`);
      const one = readMediaLine(value, lineNumber);
      if (!one.ok) return at(one.problem);
      ownDtls = [];
      ownCrypto = [];
      media.push({ ...one.value, dtlsAttributes: ownDtls, cryptoAttributes: ownCrypto });
    }
    if (type === 'a') {
      const colon = value.indexOf(':');
      const name = colon < 0 ? value : value.slice(0, colon);
      const inAudio = media.at(-1)?.type === 'audio';
      if (DIRECTION.test(name)) {
        if (media.length === 0) sessionDirection = name;
      } else if (isDtlsAttribute(name)) {
        const attribute = { name, value: colon < 0 ? '' : value.slice(colon + 1) };
        if (inAudio) ownDtls.push(attribute);
        else if (media.length === 0) sessionDtls.push(attribute);
        continue;
      } else if (name === 'crypto') {
        if (inAudio && colon > 0) ownCrypto.push(value.slice(colon + 1));
        continue;
      } else if (!inAudio || !Object.hasOwn(ATTRIBUTES, name)) continue;
      else if (!ATTRIBUTES[name]?.test(value.slice(colon + 1))) return at(`a=${name} is malformed`);
    } else if (!'vosctm'.includes(type)) continue;
    kept.push(line.trimEnd());
  }
  if (!kept.some((line) => line.startsWith('o='))) return refuse('it has no o= line');
  const inheriting = media.map((line) => ({
    ...line,
    dtlsAttributes: inherited(line.dtlsAttributes, sessionDtls),
  }));
  return ok({ text: `${kept.join('\r\n')}\r\n`, media: inheriting, sessionDirection });
}

function readMediaLine(
  value: string,
  lineNumber: number,
): Result<Omit<MediaLine, 'dtlsAttributes' | 'cryptoAttributes'>, string> {
  const match = MEDIA.exec(value);
  if (match === null) return refuse('m= is malformed');
  const [, type = '', portText, ports, protocol = '', formats = ''] = match;
  const port = Number(portText);
  if (port > PORT_MAX) return refuse(`the port of m= is above ${PORT_MAX}`);
  if (ports !== undefined) return refuse('m= has several ports, which is not supported');
  const formatNames = formats.trim().split(/ +/);
  if (type === 'audio' && isRtp(protocol)) {
    const bad = formatNames.some((name) => !/^[0-9]{1,3}$/.test(name) || Number(name) > PAYLOAD_TYPE_MAX);
    if (bad) return refuse(`a payload type of m= is not 0 to ${PAYLOAD_TYPE_MAX}`);
  }
  return ok({ lineNumber, type, port, protocol, formatNames });
}

/** RTP in the clear, with SRTP or with DTLS-SRTP (RFC 5764 §8). */
export const isRtp = (protocol: string): boolean => /^(UDP\/TLS\/)?RTP\//.test(protocol);
