import { describe, expect, it } from '@jest/globals';
import type { Flow } from '../router/transport.ts';
import { DEFAULT_PARSE_LIMITS, parseSipMessage } from './parse-message.ts';
import type { ParsedMessage, ParsedRequest, ParsedResponse, ParseResult } from './parse-result.ts';

const udp: Flow = {
  protocol: 'udp',
  local: { host: '192.0.2.100', port: 5060 },
  remote: { host: '192.0.2.1', port: 40_000 },
};
const tcp: Flow = { ...udp, protocol: 'tcp' };

const octets = (text: string): Uint8Array => new TextEncoder().encode(text);
const parse = (text: string, flow = udp): ParseResult => parseSipMessage(octets(text), flow);

function message(result: ParseResult): ParsedMessage {
  if (result.kind !== 'message') throw new Error(`${result.kind}: ${result.problem}`);
  return result.message;
}
function request(text: string, flow = udp): ParsedRequest {
  const parsed = message(parse(text, flow));
  if (parsed.kind !== 'request') throw new Error('not a request');
  return parsed;
}
function response(text: string): ParsedResponse {
  const parsed = message(parse(text));
  if (parsed.kind !== 'response') throw new Error('not a response');
  return parsed;
}

interface Edit {
  first?: string;
  /** A header line to put in place of the one with the same name; an empty value removes it. */
  set?: Record<string, string>;
  more?: readonly string[];
  body?: string;
}
const SDP = 'v=0\r\n';

/** A good INVITE with some of its lines changed. */
function invite({ first, set = {}, more = [], body = SDP }: Edit = {}): string {
  const headers: Record<string, string> = {
    Via: 'SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKabc',
    'Max-Forwards': '70',
    From: '"Alice" <sip:alice@example.org>;tag=a1',
    To: '<sip:+442039000417@example.com>',
    'Call-ID': 'c1@192.0.2.1',
    CSeq: '1 INVITE',
    Contact: '<sip:alice@192.0.2.1:5060>',
    'Content-Type': body === '' ? '' : 'application/sdp',
    'Content-Length': String(octets(body).length),
    ...set,
  };
  const lines = Object.entries(headers).filter(([, value]) => value !== '');
  return [
    first ?? 'INVITE sip:+442039000417@example.com SIP/2.0',
    ...lines.map(([name, value]) => `${name}: ${value}`),
    ...more,
    '',
    body,
  ].join('\r\n');
}

describe('parseSipMessage reads', () => {
  it('an INVITE with a body', () => {
    const parsed = request(invite());
    expect(parsed.method).toBe('INVITE');
    expect(parsed.requestUri).toMatchObject({ scheme: 'sip', rawUser: '+442039000417', host: 'example.com' });
    expect(parsed.from.displayName).toBe('Alice');
    expect(parsed.from.params.get('tag')).toBe('a1');
    expect(parsed.vias).toHaveLength(1);
    expect(parsed.vias[0]).toMatchObject({
      transport: 'UDP',
      host: '192.0.2.1',
      port: 5060,
      branch: 'z9hG4bKabc',
    });
    expect(parsed.cseq).toEqual({ number: 1, method: 'INVITE' });
    expect(parsed.contentType).toBe('application/sdp');
    expect(new TextDecoder().decode(parsed.body)).toBe(SDP);
    expect(parsed.headers.find((h) => h.name === 'Via')?.value).toBe(
      'SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKabc',
    );
  });

  it('compact names, any case, folded lines, comma lists', () => {
    const parsed = request(
      [
        'INVITE sip:a@b;transport=tcp SIP/2.0',
        'v: SIP  / 2.0 / UDP  192.0.2.9 : 5070 ; branch = z9hG4bK1 ,',
        ' SIP/2.0/TCP [2001:db8::1]:5060;branch=z9hG4bK2',
        'f:sip:x@y;tag=1',
        't : sip:a@b',
        'I: q',
        'CSEQ: 0009',
        '\tINVITE',
        'k: timer,replaces , 100rel',
        'x-sordino-token: tok_1',
        'm: "A, B" <sip:a@[2001:db8::2]:5062;x=1,2>'.replace('1,2', '1'),
        'l: 0',
        '',
        '',
      ].join('\r\n'),
    );
    expect(parsed.vias.map((via) => [via.transport, via.host, via.port, via.branch])).toEqual([
      ['UDP', '192.0.2.9', 5070, 'z9hG4bK1'],
      ['TCP', '[2001:db8::1]', 5060, 'z9hG4bK2'],
    ]);
    expect(parsed.from.params.get('tag')).toBe('1');
    expect(parsed.cseq).toEqual({ number: 9, method: 'INVITE' });
    expect(parsed.headers.filter((h) => h.name === 'Supported').map((h) => h.value)).toEqual([
      'timer',
      'replaces',
      '100rel',
    ]);
    expect(parsed.headers.find((h) => h.name === 'X-Sordino-Token')?.value).toBe('tok_1');
    expect(parsed.contacts[0]).toMatchObject({
      displayName: 'A, B',
      uri: { host: '[2001:db8::2]', port: 5062 },
    });
    expect(parsed.requestUri.params.get('transport')).toBe('tcp');
  });

  it('an RFC 2543 request without branch, tags, Max-Forwards and Content-Length', () => {
    const parsed = request(
      'INVITE sip:b@h SIP/2.0\r\nVia: SIP/2.0/UDP gw.example.com\r\nFrom: <sip:a@h>\r\nTo: sip:b@h;user=phone\r\n' +
        'Call-ID: 1\r\nCSeq: 56 INVITE\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n',
    );
    expect(parsed.vias[0]?.branch).toBeUndefined();
    expect(parsed.to.params.get('user')).toBe('phone');
    expect(parsed.body).toHaveLength(5);
  });

  it('a response, with or without a reason phrase', () => {
    const tail = invite({ body: '' }).split('\r\n').slice(1).join('\r\n');
    expect(response(`SIP/2.0 200 OK\r\n${tail}`)).toMatchObject({ status: 200, reason: 'OK' });
    expect(response(`SIP/2.0 100 \r\n${tail}`)).toMatchObject({ status: 100, reason: '' });
    expect(response(`SIP/2.0 183 Подождите\r\n${tail}`).reason).toBe('Подождите');
  });

  it('percent-escapes as written', () => {
    const parsed = request(
      invite({
        first: 'INVITE sip:sips%3Auser%40x@example.net SIP/2.0',
        set: { Contact: '<sip:50%25@192.0.2.1>' },
      }),
    );
    expect(parsed.requestUri.rawUser).toBe('sips%3Auser%40x');
    expect(parsed.contacts[0]?.uri.rawUser).toBe('50%25');
  });

  it('Content-Length in octets, padded, and ignores what follows it', () => {
    const parsed = request(`${invite({ body: 'é=é', set: { 'Content-Length': '   00005' } })}junk`);
    expect([...parsed.body]).toEqual([...octets('é=é')]);
  });

  it('a body that stays what it was when the socket uses its buffer again', () => {
    const raw = octets(invite());
    const parsed = message(parseSipMessage(raw, udp));
    raw.fill(0);
    expect(new TextDecoder().decode(parsed.body)).toBe(SDP);
  });

  it('a tel URI in From, and keeps its number', () => {
    expect(
      request(invite({ set: { From: '<tel:+447700900123;phone-context=x>;tag=1' } })).from.uri,
    ).toMatchObject({
      scheme: 'tel',
      rawUser: '+447700900123',
      host: '',
    });
  });

  it('CRLF before the start line', () => {
    expect(request(`\r\n\r\n${invite()}`).method).toBe('INVITE');
  });

  it('Contact: * of a REGISTER', () => {
    const parsed = request(
      invite({
        first: 'REGISTER sip:example.com SIP/2.0',
        set: { CSeq: '1 REGISTER', Contact: '*' },
        body: '',
      }),
    );
    expect(parsed.contacts).toEqual([]);
    expect(parsed.headers.find((h) => h.name === 'Contact')?.value).toBe('*');
  });
});

describe('the top Via of a request gets', () => {
  const topVia = (value: string): string | undefined =>
    request(invite({ set: { Via: value } })).headers.find((h) => h.name === 'Via')?.value;

  it.each([
    ['nothing when sent-by is the source', 'SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1', ''],
    ['received when sent-by is a name', 'SIP/2.0/UDP pc.example.com;branch=z9hG4bK1', ';received=192.0.2.1'],
  ])('%s', (_, via, added) => expect(topVia(via)).toBe(via + added));

  it('received and rport when rport was asked for (RFC 3581)', () => {
    expect(topVia('SIP/2.0/UDP 192.0.2.1;rport;branch=z9hG4bK1')).toBe(
      'SIP/2.0/UDP 192.0.2.1;rport=40000;branch=z9hG4bK1;received=192.0.2.1',
    );
  });

  it('our values in place of those a peer wrote to aim answers elsewhere', () => {
    expect(topVia('SIP/2.0/UDP 192.0.2.1;received=203.0.113.9;rport=53;branch=z9hG4bK1')).toBe(
      'SIP/2.0/UDP 192.0.2.1;received=192.0.2.1;rport=40000;branch=z9hG4bK1',
    );
    expect(topVia('SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1;received=203.0.113.9')).toBe(
      'SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1;received=192.0.2.1',
    );
  });
});

describe('parseSipMessage refuses a request', () => {
  const many = (count: number, line: string): string[] => Array.from({ length: count }, () => line);

  const table: readonly [title: string, status: number, problem: RegExp, text: string][] = [
    ['of another SIP version', 505, /SIP\/2\.0/, invite({ first: 'INVITE sip:a@b SIP/7.0' })],
    ['with two spaces', 400, /white space/, invite({ first: 'INVITE  sip:a@b SIP/2.0' })],
    ['with a space at the end of its line', 400, /white space/, invite({ first: 'INVITE sip:a@b SIP/2.0 ' })],
    ['with a space in its Request-URI', 400, /white space/, invite({ first: 'INVITE sip:a@b; lr SIP/2.0' })],
    ['with a tab in its Request-URI', 400, /white space/, invite({ first: 'INVITE sip:a@b\t SIP/2.0' })],
    ['with <> around its Request-URI', 400, /Request-URI/, invite({ first: 'INVITE <sip:a@b> SIP/2.0' })],
    ['with headers in its Request-URI', 400, /headers/, invite({ first: 'INVITE sip:a@b?Route=x SIP/2.0' })],
    ['to two hosts', 400, /more than one @/, invite({ first: 'INVITE sip:a@b@c SIP/2.0' })],
    ['to a broken escape', 400, /user part/, invite({ first: 'INVITE sip:50%zz@b SIP/2.0' })],
    ['to port 0', 400, /port/, invite({ first: 'INVITE sip:a@b:0 SIP/2.0' })],
    ['to port 65536', 400, /port/, invite({ first: 'INVITE sip:a@b:65536 SIP/2.0' })],
    ['to a tel URI', 416, /Scheme/, invite({ first: 'INVITE tel:+1555 SIP/2.0' })],
    ['to an unknown scheme', 416, /Scheme/, invite({ first: 'INVITE unknown:x SIP/2.0' })],
    ['with a malformed method', 400, /Method/, invite({ first: 'INV"TE sip:a@b SIP/2.0' })],
    ['without From', 400, /From is missing/, invite({ set: { From: '' } })],
    ['without To', 400, /To is missing/, invite({ set: { To: '' } })],
    ['without Call-ID', 400, /Call-ID is missing/, invite({ set: { 'Call-ID': '' } })],
    ['without CSeq', 400, /CSeq is missing/, invite({ set: { CSeq: '' } })],
    ['with two From', 400, /From occurs more/, invite({ more: ['f: sip:x@y;tag=2'] })],
    ['with two Content-Length', 400, /Content-Length occurs/, invite({ more: ['l: 5'] })],
    ['whose CSeq has another method', 400, /CSeq method/, invite({ set: { CSeq: '1 OPTIONS' } })],
    ['whose CSeq is too large', 400, /CSeq/, invite({ set: { CSeq: '2147483648 INVITE' } })],
    ['whose CSeq is not a number', 400, /CSeq/, invite({ set: { CSeq: 'x' } })],
    ['whose CSeq has no space', 400, /CSeq/, invite({ set: { CSeq: '1INVITE' } })],
    ['with Max-Forwards 256', 400, /Max-Forwards/, invite({ set: { 'Max-Forwards': '256' } })],
    ['with Expires 2**32', 400, /Expires/, invite({ more: ['Expires: 4294967296'] })],
    ['with a body longer than its octets', 400, /larger/, invite({ set: { 'Content-Length': '6' } })],
    ['with a negative Content-Length', 400, /Content-Length/, invite({ set: { 'Content-Length': '-5' } })],
    ['with a body without type', 400, /Content-Type/, invite({ set: { 'Content-Type': '' } })],
    ['with an open quote in To', 400, /quoted/, invite({ set: { To: '"Bob <sip:b@c>' } })],
    ['with an open quote in Contact', 400, /quoted/, invite({ set: { Contact: '"Bob <sip:b@c>' } })],
    ['with an empty Contact parameter', 400, /Contact/, invite({ set: { Contact: '<sip:b@c>;;' } })],
    ['with an empty Contact element', 400, /Contact/, invite({ set: { Contact: '<sip:b@c>,' } })],
    ['with Contact: *', 400, /Contact/, invite({ set: { Contact: '*' } })],
    ['with a Contact that needs <>', 400, /angle/, invite({ set: { Contact: 'sip:b@c?x=y' } })],
    ['with spaces in <>', 400, /To/, invite({ set: { To: '< sip:b@c >' } })],
    ['with two tags', 400, /tag/, invite({ set: { From: 'sip:b@c;tag=1;tag=2' } })],
    ['with an empty tag', 400, /From/, invite({ set: { From: 'sip:b@c;tag=' } })],
    ['with a tag that is no token', 400, /tag/, invite({ set: { From: 'sip:b@c;tag="a b"' } })],
    ['with a line without colon', 400, /colon/, invite({ more: ['Garbage'] })],
    ['with a space in a header name', 400, /name/, invite({ more: ['Bad Name: x'] })],
    [
      'with a folded line after the start line',
      400,
      /name|colon/,
      invite({ first: 'INVITE sip:a@b SIP/2.0\r\n x: y' }),
    ],
    ['with NUL in a header', 400, /not allowed/, invite({ more: ['Subject: a\u0000b'] })],
    ['with a bare LF in a header', 400, /not allowed/, invite({ more: ['Subject: a\nContent-Length: 0'] })],
    ['with a bare CR in quotes', 400, /not allowed/, invite({ more: ['Subject: "a\\\rb"'] })],
    [
      'with a broken lower Via',
      400,
      /Via/,
      invite({ set: { Via: 'SIP/2.0/UDP h;branch=z9hG4bK1, nonsense' } }),
    ],
    ['with a broken Via parameter', 400, /Via/, invite({ set: { Via: 'SIP/2.0/UDP 192.0.2.15;;,;,,' } })],
    ['without an end of headers', 400, /empty line/, invite().slice(0, invite().indexOf('\r\n\r\n'))],
    ['with too many headers', 513, /too many/i, invite({ more: many(129, 'X: y') })],
    ['with too long headers', 513, /too many/i, invite({ more: [`X: ${'y'.repeat(16_384)}`] })],
    ['that is too long', 513, /too many/i, invite({ body: 'x'.repeat(65_536) })],
    [
      'with too many Via',
      400,
      /Via has too many/,
      invite({ more: many(70, 'Via: SIP/2.0/UDP h;branch=z9hG4bK1') }),
    ],
    ['with too long a list', 400, /too many/, invite({ more: [`Supported: ${many(65, 'a').join()}`] })],
    [
      'with too many parameters',
      400,
      /too many/,
      invite({
        set: {
          To: `<sip:a@b>${many(33, ';p')
            .map((p, i) => p + i)
            .join('')}`,
        },
      }),
    ],
    ['with too many URI parameters', 400, /too many/, invite({ set: { To: `<sip:a@b${';p'.repeat(33)}>` } })],
  ];

  it.each(table)('%s: %i', (_, status, problem, text) => {
    const result = parse(text);
    if (result.kind !== 'refuse') throw new Error(`${result.kind}`);
    expect(result.status).toBe(status);
    expect(result.problem).toMatch(problem);
    const answer = response(result.answer);
    expect(answer.status).toBe(status);
    expect(answer.reason).toBe(result.problem);
    expect(answer.vias[0]?.branch).toBe(/branch=([^;,\r]+)/.exec(text)?.[1]);
    expect(answer.to.params.get('tag')).toMatch(/^r[0-9a-z]+$/);
  });

  it('on TCP without Content-Length: the stream has no other end of message', () => {
    const result = parse(invite({ set: { 'Content-Length': '' } }), tcp);
    expect(result).toMatchObject({ kind: 'refuse', status: 400, problem: expect.stringMatching(/stream/) });
    expect(request(invite({ set: { 'Content-Length': '' } }), udp).body).toHaveLength(SDP.length);
  });

  it('and answers the same repetition with the same tag, another call with another', () => {
    const tag = (text: string): string | undefined => {
      const result = parse(text);
      return result.kind === 'refuse' ? response(result.answer).to.params.get('tag') : undefined;
    };
    const bad = { set: { 'Content-Length': '9' } };
    expect(tag(invite(bad))).toBe(tag(invite(bad)));
    expect(tag(invite(bad))).not.toBe(tag(invite({ set: { ...bad.set, 'Call-ID': 'other' } })));
  });

  it('with the whole Via list, and keeps a To tag that is there', () => {
    const result = parse(
      invite({
        set: {
          Via: 'SIP/2.0/UDP a;branch=z9hG4bK1, SIP/2.0/UDP b;branch=z9hG4bK2',
          To: 'sip:b@c;tag=t',
          CSeq: '7 BYE',
        },
      }),
    );
    if (result.kind !== 'refuse') throw new Error(result.kind);
    const answer = response(result.answer);
    expect(answer.vias.map((via) => via.branch)).toEqual(['z9hG4bK1', 'z9hG4bK2']);
    expect(answer.vias[0]?.params.get('received')).toBe('192.0.2.1');
    expect(answer.to.params.get('tag')).toBe('t');
    expect(answer.cseq).toEqual({ number: 7, method: 'BYE' });
  });
});

describe('parseSipMessage drops', () => {
  const tail = invite({ body: '' }).split('\r\n').slice(1).join('\r\n');
  it.each([
    ['nothing', ''],
    ['a keep-alive', '\r\n\r\n'],
    ['noise', 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['binary noise', '\u0000\u0001\u0002\u0003'],
    ['a request without Via', invite({ set: { Via: '' } })],
    ['a request whose top Via has no host', invite({ set: { Via: 'SIP/2.0/UDP ;branch=z9hG4bK1' } })],
    [
      'a request whose top Via is broken, though the next is good',
      invite({ set: { Via: 'x, SIP/2.0/UDP h;branch=z9hG4bK1' } }),
    ],
    ['a request whose Via is empty', invite({ set: { Via: ',' } })],
    ['a bad ACK', invite({ first: 'ACK sip:a@b SIP/2.0', set: { CSeq: '1 INVITE' } })],
    ['an ACK to a foreign scheme', invite({ first: 'ACK tel:1 SIP/2.0', set: { CSeq: '1 ACK' } })],
    ['a response with code 4294967301', `SIP/2.0 4294967301 x\r\n${tail}`],
    ['a response with code 099', `SIP/2.0 099 x\r\n${tail}`],
    ['a response with code 700', `SIP/2.0 700 x\r\n${tail}`],
    ['a response of another version', `SIP/3.0 200 x\r\n${tail}`],
    ['a response with a broken CSeq', `SIP/2.0 200 OK\r\n${tail.replace('1 INVITE', 'x')}`],
    ['a response without Via', `SIP/2.0 200 OK\r\n${tail.replace(/^Via.*\r\n/, '')}`],
  ])('%s', (_, text) => expect(parse(text).kind).toBe('drop'));
});

it('the limits have the documented defaults', () => {
  expect(DEFAULT_PARSE_LIMITS).toMatchObject({ messageBytes: 65_535, headers: 128, headerBytes: 16_384 });
});
