/** What one session description may cost us. Larger ones are refused before anything is parsed. */

/** Characters: WebRTC offers with all their candidates stay below 10 000. */
export const SDP_CHARACTERS_MAX = 16_384;
export const SDP_LINES_MAX = 512;
/** Characters of one line: long candidate lines have about 200, this bounds every regular expression of the library. */
export const SDP_LINE_CHARACTERS_MAX = 1_024;
/** `m=` lines; each costs a line in our answer. */
export const SDP_MEDIA_MAX = 16;
export const PORT_MAX = 65_535;

/** Octets of audio per packet are asked for in this time, ms (RFC 3551 §4.2 default for G.711). */
export const PACKET_TIME_MS = 20;
/** What we are ready to send at most, ms: above it a lost packet is a lost syllable. */
export const PACKET_TIME_MAX_MS = 60;

/** Highest payload type (RFC 3550 §5.1: 7 bits) and the dynamic range (RFC 3551 §3). */
export const PAYLOAD_TYPE_MAX = 127;
export const DYNAMIC_PAYLOAD_TYPE_MIN = 96;
