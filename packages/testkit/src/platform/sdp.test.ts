import { describe, expect, it } from '@jest/globals';
import { mustReadSdp, readSdp, type SdpAudio, SdpWriter } from './sdp.ts';

const audio: SdpAudio = {
  rtp: { host: '127.0.0.1', port: 40_000 },
  rtcp: { host: '127.0.0.1', port: 40_001 },
  codecs: ['PCMA', 'PCMU'],
  eventPayloadType: 101,
  direction: 'sendrecv',
};

const sdp = (...lines: string[]): string =>
  ['v=0', 'o=- 1 1 IN IP4 10.0.0.1', 's=-', ...lines, ''].join('\r\n');

describe('session descriptions of the simulators', () => {
  it('are read back as they were written', () => {
    expect(readSdp(new SdpWriter(7).write(audio))).toEqual(audio);
    const apart = { ...audio, rtcp: { host: '127.0.0.1', port: 50_000 }, direction: 'inactive' as const };
    expect(readSdp(new SdpWriter(7).write(apart))).toEqual(apart);
  });

  it('count a version only when something changed', () => {
    const writer = new SdpWriter(7);
    const first = writer.write(audio);
    expect(first).toContain('o=- 7 1 IN IP4 127.0.0.1');
    expect(writer.write(audio)).toBe(first);
    expect(writer.write({ ...audio, direction: 'sendonly' })).toContain('o=- 7 2 IN IP4 127.0.0.1');
  });

  it('keep our origin line around the description of another party', () => {
    const writer = new SdpWriter(7);
    writer.write(audio);
    const foreign = sdp('c=IN IP4 10.0.0.9', 't=0 0', 'm=audio 5000 RTP/AVP 0', 'a=ptime:20');
    const adopted = writer.adopt(foreign);
    expect(adopted).toContain('o=- 7 2 IN IP4 10.0.0.9');
    expect(adopted).not.toContain('10.0.0.1');
    expect(mustReadSdp(adopted, 'adopted').rtp).toEqual({ host: '10.0.0.9', port: 5000 });
  });

  it.each<[string, string, Partial<SdpAudio>]>([
    [
      'static types without rtpmap',
      sdp('c=IN IP4 1.2.3.4', 'm=audio 5000 RTP/AVP 8 0 18'),
      { codecs: ['PCMA', 'PCMU'] },
    ],
    [
      'an address on the media line',
      sdp('c=IN IP4 1.2.3.4', 'm=audio 5000 RTP/AVP 0', 'c=IN IP4 5.6.7.8'),
      { rtp: { host: '5.6.7.8', port: 5000 } },
    ],
    [
      'a direction of the session',
      sdp('c=IN IP4 1.2.3.4', 'a=inactive', 'm=audio 5000 RTP/AVP 0'),
      { direction: 'inactive' },
    ],
    [
      'RTCP at another host',
      sdp('c=IN IP4 1.2.3.4', 'm=audio 5000 RTP/AVP 0', 'a=rtcp:53020 IN IP4 5.6.7.8'),
      { rtcp: { host: '5.6.7.8', port: 53_020 } },
    ],
    [
      'events at 16000 Hz, which are not ours',
      sdp('c=IN IP4 1.2.3.4', 'm=audio 5000 RTP/AVP 0 96', 'a=rtpmap:96 telephone-event/16000'),
      { eventPayloadType: undefined },
    ],
    [
      'a codec in lower case',
      sdp('c=IN IP4 1.2.3.4', 'm=audio 5000 RTP/AVP 96', 'a=rtpmap:96 pcmu/8000'),
      { codecs: ['PCMU'] },
    ],
  ])('understand %s', (_what, text, expected) => {
    expect(readSdp(text)).toMatchObject(expected);
  });

  it.each([
    ['nothing at all', '', 'no m=audio line'],
    ['video only', sdp('c=IN IP4 1.2.3.4', 'm=video 5000 RTP/AVP 96'), 'no m=audio line'],
    [
      'a secure profile',
      sdp('c=IN IP4 1.2.3.4', 'm=audio 5000 RTP/SAVP 0'),
      'profile RTP/SAVP, only RTP/AVP is spoken here, RTP/SAVP with AES_CM_128_HMAC_SHA1_80, or DTLS-SRTP',
    ],
    ['a refused line', sdp('c=IN IP4 1.2.3.4', 'm=audio 0 RTP/AVP 0'), 'audio port 0'],
    ['a port that is none', sdp('c=IN IP4 1.2.3.4', 'm=audio x RTP/AVP 0'), 'audio port x'],
    ['no address', sdp('m=audio 5000 RTP/AVP 0'), 'no c=IN IP4 line'],
    ['an IPv6 address', sdp('c=IN IP6 ::1', 'm=audio 5000 RTP/AVP 0'), 'no c=IN IP4 line'],
    [
      'DTLS-SRTP without a fingerprint',
      sdp('c=IN IP4 1.2.3.4', 'm=audio 5000 UDP/TLS/RTP/SAVPF 0', 'a=setup:active'),
      'profile UDP/TLS/RTP/SAVPF, only RTP/AVP is spoken here, RTP/SAVP with AES_CM_128_HMAC_SHA1_80, or DTLS-SRTP',
    ],
    [
      'a line cut short',
      sdp('c=IN IP4 1.2.3.4', 'm=audio 5000'),
      'profile (none), only RTP/AVP is spoken here, RTP/SAVP with AES_CM_128_HMAC_SHA1_80, or DTLS-SRTP',
    ],
  ])('say what is wrong with %s', (_what, text, problem) => {
    expect(readSdp(text)).toEqual({ problem });
    expect(() => mustReadSdp(text, 'leg 5')).toThrow(`leg 5: ${problem}`);
  });
});
