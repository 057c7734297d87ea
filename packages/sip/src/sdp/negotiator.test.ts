import { describe, expect, it } from '@jest/globals';
import type { MediaDescription, SdpProblem } from '@sordino/interception';
import {
  answered,
  asterisk,
  attributesOf,
  cisco,
  clean,
  customer,
  genesys,
  lines,
  mediaOf,
  refused,
  sdp,
  side,
  webrtcGateway,
  zoom,
} from './test-support/descriptions.ts';

describe('an answer to', () => {
  it.each<[string, string, string[], Partial<MediaDescription>]>([
    [
      'Asterisk takes our best codec and its events',
      asterisk,
      ['m=audio 20000 RTP/AVP 0 101'],
      {
        rtp: { host: '203.0.113.5', port: 14_422 },
        rtcp: { host: '203.0.113.5', port: 14_423 },
        codec: 'PCMU',
        audioPayloadType: 0,
        eventPayloadType: 101,
        packetTimeMs: 20,
        direction: 'sendrecv',
      },
    ],
    [
      'a Genesys-like platform knows static types without rtpmap, and RTCP elsewhere',
      genesys,
      ['m=audio 20000 RTP/AVP 0 127', 'm=video 0 RTP/AVP 96'],
      {
        rtp: { host: '203.0.113.7', port: 16_384 },
        rtcp: { host: '203.0.113.8', port: 16_390 },
        eventPayloadType: 127,
      },
    ],
    [
      'a Cisco-like gateway uses the second audio line, and its own c=',
      cisco,
      ['m=audio 0 RTP/AVP 18', 'm=audio 20000 RTP/AVP 8 96', 'm=image 0 udptl t38'],
      { rtp: { host: '192.0.2.77', port: 17_000 }, codec: 'PCMA', audioPayloadType: 8, eventPayloadType: 96 },
    ],
    [
      'a WebRTC gateway finds the events at 8000 Hz',
      webrtcGateway,
      ['m=audio 20000 RTP/AVP 0 126'],
      { codec: 'PCMU', eventPayloadType: 126 },
    ],
    [
      'an encrypted line before a plain one takes the plain one',
      sdp('m=audio 4000 RTP/SAVP 0', 'm=audio 4002 RTP/AVP 0'),
      ['m=audio 0 RTP/SAVP 0', 'm=audio 20000 RTP/AVP 0'],
      { rtp: { host: '192.0.2.1', port: 4_002 } },
    ],
    [
      'G.711 under a dynamic number keeps the number',
      sdp('m=audio 4000 RTP/AVP 97', 'a=rtpmap:97 pcma/8000/1'),
      ['m=audio 20000 RTP/AVP 97'],
      { codec: 'PCMA', audioPayloadType: 97, eventPayloadType: undefined },
    ],
    [
      'IPv6 reads it',
      sdp('m=audio 4000 RTP/AVP 0', 'c=IN IP6 2001:db8::5'),
      ['m=audio 20000 RTP/AVP 0'],
      { rtp: { host: '2001:db8::5', port: 4_000 } },
    ],
    [
      'bare LF line ends',
      sdp('m=audio 4000 RTP/AVP 0').replaceAll('\r\n', '\n'),
      ['m=audio 20000 RTP/AVP 0'],
      { codec: 'PCMU' },
    ],
  ])('%s', (_, offer, media, peer) => {
    const result = answered(offer);
    expect(mediaOf(result.sdp)).toEqual(media);
    expect(result.peer).toMatchObject(peer);
  });

  it('any offer is a complete description of ours', () => {
    const text = answered(asterisk).sdp;
    expect(text.replace(/o=- [0-9]{1,10} 1 /, 'o=- ID 1 ').split('\r\n')).toEqual([
      'v=0',
      'o=- ID 1 IN IP4 198.51.100.7',
      's=-',
      'c=IN IP4 198.51.100.7',
      't=0 0',
      'm=audio 20000 RTP/AVP 0 101',
      'a=rtpmap:0 PCMU/8000',
      'a=rtpmap:101 telephone-event/8000',
      'a=fmtp:101 0-16',
      'a=ptime:20',
      'a=sendrecv',
      '',
    ]);
  });

  it('follows the codec order of the caller', () => {
    expect(answered(asterisk, { ...customer, codecs: ['PCMA', 'PCMU'] }).peer.codec).toBe('PCMA');
    expect(answered(asterisk, { ...customer, codecs: ['PCMA'] }).peer.codec).toBe('PCMA');
  });

  it('says where our RTCP is when it is not the next port', () => {
    const rtcp = (port: number, host = customer.rtp.host): string[] =>
      attributesOf(answered(asterisk, { ...customer, rtcp: { host, port } }).sdp).filter((a) =>
        a.startsWith('a=rtcp'),
      );
    expect(rtcp(20_001)).toEqual([]);
    expect(rtcp(20_005)).toEqual(['a=rtcp:20005']);
    expect(rtcp(20_001, '198.51.100.8')).toEqual(['a=rtcp:20001 IN IP4 198.51.100.8']);
  });

  it('IPv6 of our own', () => {
    const host = '2001:db8::9';
    const text = answered(asterisk, {
      ...customer,
      rtp: { host, port: 20_000 },
      rtcp: { host, port: 20_001 },
    }).sdp;
    expect(text).toContain('c=IN IP6 2001:db8::9\r\n');
  });
});

describe('telephone-event', () => {
  const offer = (...attributes: string[]): string => sdp('m=audio 4000 RTP/AVP 0 101', ...attributes);
  it.each<[string, number | undefined, string]>([
    ['events 0-16', 101, offer('a=rtpmap:101 telephone-event/8000', 'a=fmtp:101 0-16')],
    ['events 0-11', 101, offer('a=rtpmap:101 telephone-event/8000', 'a=fmtp:101 0-11')],
    ['no list', 101, offer('a=rtpmap:101 telephone-event/8000')],
    ['a list in pieces', 101, offer('a=rtpmap:101 TELEPHONE-EVENT/8000', 'a=fmtp:101 0-9,10,11')],
    ['events=0-15', 101, offer('a=rtpmap:101 telephone-event/8000', 'a=fmtp:101 events=0-15')],
    ['digits missing', undefined, offer('a=rtpmap:101 telephone-event/8000', 'a=fmtp:101 0-8')],
    ['fax tones only', undefined, offer('a=rtpmap:101 telephone-event/8000', 'a=fmtp:101 32,36')],
    ['a list that is none', undefined, offer('a=rtpmap:101 telephone-event/8000', 'a=fmtp:101 0-')],
    ['the wrong clock', undefined, offer('a=rtpmap:101 telephone-event/16000')],
    ['no name for 101', undefined, offer()],
  ])('with %s: payload type %s', (_, payloadType, text) => {
    const result = answered(text);
    expect(result.peer.eventPayloadType).toBe(payloadType);
    expect(result.sdp.includes('telephone-event')).toBe(payloadType !== undefined);
  });

  it('is never in an offer, in an answer, or read from an answer on the clean side', () => {
    const by = side();
    expect(by.offer(clean)).not.toContain('telephone-event');
    const read = by.readAnswer(asterisk);
    expect(read.ok && read.value.eventPayloadType).toBeUndefined();
    const back = answered(asterisk, clean);
    expect(back.sdp).not.toContain('telephone-event');
    expect(mediaOf(back.sdp)).toEqual(['m=audio 20000 RTP/AVP 0']);
    expect(back.peer.eventPayloadType).toBeUndefined();
  });
});

describe('hold', () => {
  it.each([
    ['sendrecv', 'sendrecv', []],
    ['sendonly', 'recvonly', ['a=sendonly']],
    ['recvonly', 'sendonly', ['a=recvonly']],
    ['inactive', 'inactive', ['a=inactive']],
    ['sendonly', 'recvonly', ['c=IN IP4 0.0.0.0']],
    ['inactive', 'inactive', ['c=IN IP4 0.0.0.0', 'a=recvonly']],
  ])('%s is answered %s', (theirs, ours, more) => {
    const result = answered(sdp('m=audio 4000 RTP/AVP 0', ...more));
    expect(result.peer.direction).toBe(theirs);
    expect(attributesOf(result.sdp)).toContain(`a=${ours}`);
  });

  it('at session level counts where the media line is silent', () => {
    expect(
      answered(lines(...sdp().trim().split('\r\n'), 'a=inactive', 'm=audio 4000 RTP/AVP 0')).peer.direction,
    ).toBe('inactive');
    expect(
      answered(lines(...sdp().trim().split('\r\n'), 'a=inactive', 'm=audio 4000 RTP/AVP 0', 'a=sendrecv'))
        .peer.direction,
    ).toBe('sendrecv');
  });
});

describe('ptime', () => {
  it.each([
    [20, []],
    [30, ['a=ptime:30']],
    [20, ['a=ptime:0']],
    [20, ['a=ptime:25']],
    [20, ['a=ptime:99999']],
    [10, ['a=maxptime:15']],
    [20, ['a=ptime:40', 'a=maxptime:20']],
  ])('is %i ms', (expected, more) =>
    expect(answered(sdp('m=audio 4000 RTP/AVP 0', ...more)).peer.packetTimeMs).toBe(expected),
  );
});

describe('a refused offer', () => {
  const audio = 'm=audio 4000 RTP/AVP 0';
  it.each<[string, SdpProblem['code'], RegExp, string]>([
    ['SRTP only', 'no_common_crypto', /RTP\/SAVP/, zoom],
    ['DTLS-SRTP only', 'no_common_crypto', /SAVPF/, sdp('m=audio 9 UDP/TLS/RTP/SAVPF 0')],
    ['another profile', 'no_common_codec', /RTP\/AVPF/, sdp('m=audio 4000 RTP/AVPF 0')],
    [
      'G.729 only',
      'no_common_codec',
      /PCMU\/8000 or PCMA\/8000/,
      sdp('m=audio 4000 RTP/AVP 18 101', 'a=rtpmap:18 G729/8000'),
    ],
    ['wide-band PCMU', 'no_common_codec', /8000/, sdp('m=audio 4000 RTP/AVP 96', 'a=rtpmap:96 PCMU/16000')],
    ['stereo', 'no_common_codec', /PCMU\/8000/, sdp('m=audio 4000 RTP/AVP 96', 'a=rtpmap:96 PCMU/8000/2')],
    ['0 said to be something else', 'no_common_codec', /PCMU/, sdp(audio, 'a=rtpmap:0 G726-32/8000')],
    ['no media', 'no_audio', /no m=audio/, sdp()],
    ['fax only', 'no_audio', /no m=audio/, sdp('m=image 4000 udptl t38')],
    ['port 0', 'no_audio', /port 0/, sdp('m=audio 0 RTP/AVP 0')],
    ['nothing', 'malformed', /line 1/, ''],
    ['not SDP', 'malformed', /line 1/, 'hello'],
    ['another version', 'malformed', /line 1/, sdp(audio).replace('v=0', 'v=1')],
    ['no origin', 'malformed', /o=/, sdp(audio).replace(/o=.*\r\n/, '')],
    ['a broken origin', 'malformed', /line 2.*o=/, sdp(audio).replace('o=- 1 1', 'o=- x 1')],
    ['no address', 'malformed', /line 5.*c=/, sdp(audio).replace(/c=.*\r\n/, '')],
    ['a broken address line', 'malformed', /line 4.*c=/, sdp(audio).replace('c=IN IP4', 'c=IN')],
    [
      'a name as address',
      'malformed',
      /IP address/,
      sdp(audio).replace('c=IN IP4 192.0.2.1', 'c=IN IP4 host.example'),
    ],
    ['an IPv4 address out of range', 'malformed', /IP address/, sdp(audio, 'c=IN IP4 192.0.2.256')],
    ['IPv6 said to be IPv4', 'malformed', /IP address/, sdp(audio, 'c=IN IP4 2001:db8::1')],
    ['multicast', 'malformed', /multicast/, sdp(audio, 'c=IN IP4 224.0.0.1')],
    ['IPv6 multicast', 'malformed', /multicast/, sdp(audio, 'c=IN IP6 ff02::1')],
    ['broadcast', 'malformed', /broadcast/, sdp(audio, 'c=IN IP4 255.255.255.255')],
    ['port 65536', 'malformed', /line 6.*65535/, sdp('m=audio 65536 RTP/AVP 0')],
    ['a port that is none', 'malformed', /line 6.*m=/, sdp('m=audio x RTP/AVP 0')],
    ['no formats', 'malformed', /line 6.*m=/, sdp('m=audio 4000 RTP/AVP')],
    ['payload type 128', 'malformed', /line 6.*127/, sdp('m=audio 4000 RTP/AVP 128')],
    ['a payload type that is none', 'malformed', /line 6/, sdp('m=audio 4000 RTP/AVP PCMU')],
    ['several ports', 'malformed', /line 6.*several/, sdp('m=audio 4000/2 RTP/AVP 0')],
    ['no room for RTCP', 'malformed', /RTCP/, sdp('m=audio 65535 RTP/AVP 0')],
    ['RTCP on port 0', 'malformed', /RTCP/, sdp(audio, 'a=rtcp:0')],
    ['RTCP to a multicast group', 'malformed', /a=rtcp/, sdp(audio, 'a=rtcp:4001 IN IP4 224.0.0.1')],
    ['a broken a=rtcp', 'malformed', /line 7.*a=rtcp/, sdp(audio, 'a=rtcp:x')],
    ['a broken rtpmap', 'malformed', /line 7.*a=rtpmap/, sdp(audio, 'a=rtpmap:0 PCMU')],
    ['a broken fmtp', 'malformed', /line 7.*a=fmtp/, sdp(audio, 'a=fmtp:101')],
    ['a broken ptime', 'malformed', /line 7.*a=ptime/, sdp(audio, 'a=ptime:fast')],
    ['an empty line inside', 'malformed', /line 6/, sdp('', audio)],
    ['a line without =', 'malformed', /line 6/, sdp('nonsense', audio)],
    ['too much', 'malformed', /longer than 16384/, sdp(audio, 'a='.padEnd(16_384, 'x'))],
    ['too many lines', 'malformed', /512/, sdp(audio, ...Array.from({ length: 512 }, () => 'a=x'))],
    ['too long a line', 'malformed', /line 7.*1024/, sdp(audio, 'a='.padEnd(1_025, 'x'))],
    ['too many media', 'malformed', /16/, sdp(...Array.from({ length: 17 }, () => audio))],
  ])('with %s: %s', (_, code, message, offer) => {
    const problem = refused(offer);
    expect(problem.code).toBe(code);
    expect(problem.message).toMatch(message);
  });

  it('never repeats a key that stands in it', () => {
    expect(JSON.stringify(refused(zoom))).not.toContain('WVNf');
    expect(JSON.stringify(refused(zoom.replace('a=crypto', 'a crypto')))).not.toContain('WVNf');
  });
});
