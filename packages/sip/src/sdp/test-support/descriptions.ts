import type { LocalMedia, MediaDescription, SdpProblem, SdpSide } from '@sordino/interception';
import { createSdpNegotiator } from '../negotiator.ts';

let seed = 0;
const negotiator = createSdpNegotiator({
  random: (count) =>
    Uint8Array.from({ length: count }, () => {
      seed += 41;
      return seed & 0xff;
    }),
});
export const side = (): SdpSide => negotiator.side();

export const customer: LocalMedia = {
  rtp: { host: '198.51.100.7', port: 20_000 },
  rtcp: { host: '198.51.100.7', port: 20_001 },
  codecs: ['PCMU', 'PCMA'],
  telephoneEvents: true,
  crypto: 'none',
};
export const clean: LocalMedia = { ...customer, telephoneEvents: false };

export const lines = (...text: string[]): string => `${text.join('\r\n')}\r\n`;
export const sdp = (...more: string[]): string =>
  lines('v=0', 'o=- 1 1 IN IP4 192.0.2.1', 's=-', 'c=IN IP4 192.0.2.1', 't=0 0', ...more);

export function answered(
  offer: string,
  local = customer,
  by = side(),
): { sdp: string; peer: MediaDescription } {
  const result = by.answer(offer, local);
  if (!result.ok) throw new Error(`${result.problem.code}: ${result.problem.message}`);
  return result.value;
}
export function refused(offer: string, local = customer): SdpProblem {
  const result = side().answer(offer, local);
  if (result.ok) throw new Error(`accepted: ${result.value.sdp}`);
  return result.problem;
}
export const mediaOf = (text: string): string[] => text.split('\r\n').filter((line) => line.startsWith('m='));
export const attributesOf = (text: string): string[] =>
  text.split('\r\n').filter((line) => line.startsWith('a='));
export const versionOf = (text: string): number => Number(/^o=- [0-9]+ ([0-9]+) /m.exec(text)?.[1]);

export const asterisk = lines(
  'v=0',
  'o=- 1623384587 1623384587 IN IP4 203.0.113.5',
  's=Asterisk',
  'c=IN IP4 203.0.113.5',
  't=0 0',
  'm=audio 14422 RTP/AVP 8 0 101',
  'a=rtpmap:8 PCMA/8000',
  'a=rtpmap:0 PCMU/8000',
  'a=rtpmap:101 telephone-event/8000',
  'a=fmtp:101 0-16',
  'a=ptime:20',
  'a=maxptime:150',
  'a=sendrecv',
);
export const zoom = lines(
  'v=0',
  'o=- 3844 1 IN IP4 203.0.113.6',
  's=-',
  'c=IN IP4 203.0.113.6',
  't=0 0',
  'm=audio 30000 RTP/SAVP 102 9 0 8 18 101',
  'a=rtpmap:102 opus/48000/2',
  'a=rtpmap:9 G722/8000',
  'a=rtpmap:0 PCMU/8000',
  'a=rtpmap:8 PCMA/8000',
  'a=rtpmap:18 G729/8000',
  'a=fmtp:18 annexb=no',
  'a=rtpmap:101 telephone-event/8000',
  'a=fmtp:101 0-15',
  'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz',
  'a=ptime:20',
);
export const genesys = lines(
  'v=0',
  'o=Genesys 1 2 IN IP4 10.0.0.4',
  's=SIP Call',
  'c=IN IP4 203.0.113.7',
  't=0 0',
  'm=audio 16384 RTP/AVP 0 8 18 127',
  'a=rtpmap:127 telephone-event/8000',
  'a=fmtp:127 0-15',
  'a=fmtp:18 annexb=no',
  'a=rtcp:16390 IN IP4 203.0.113.8',
  'm=video 0 RTP/AVP 96',
  'a=rtpmap:96 H264/90000',
);
export const cisco = sdp(
  'm=audio 0 RTP/AVP 18',
  'm=audio 17000 RTP/AVP 18 8 96',
  'c=IN IP4 192.0.2.77',
  'a=rtpmap:18 G729/8000',
  'a=rtpmap:96 telephone-event/8000',
  'a=fmtp:96 0-11,16',
  'm=image 17002 udptl t38',
  'a=T38FaxVersion:0',
);
export const webrtcGateway = sdp(
  'm=audio 18000 RTP/AVP 111 110 0 126',
  'a=rtpmap:111 opus/48000/2',
  'a=rtpmap:110 telephone-event/48000',
  'a=rtpmap:126 telephone-event/8000',
  'a=rtcp-mux',
  'a=candidate:1 1 UDP 2130706431 192.0.2.1 18000 typ host',
);
