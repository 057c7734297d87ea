export { Attestor, type Heard } from './attestation/attestor.ts';
export {
  type AudioCodec,
  type LinearRateHz,
  linearRateHz,
  payloadOctets,
  payloadTicks,
  rtpClockRateHz,
  TICKS_PER_MS,
  timestampsPerTick,
} from './codecs/audio-codec.ts';
export { createDecoder, createEncoder, type OpusLibrary } from './codecs/create-codec.ts';
export {
  decodeG711,
  encodeG711,
  type G711Codec,
  g711DecodeTable,
  g711EncodeTable,
  g711TranscodeTable,
} from './codecs/g711.ts';
export type { AudioDecoder, AudioEncoder } from './codecs/linear.ts';
export { createTranscoder, type Transcoder } from './codecs/transcoder.ts';
export { mosOf } from './quality/e-model.ts';
export {
  type ReusedRtpHeader,
  RTP_HEADER_BYTES,
  type RtpHeader,
  type RtpProblem,
  readRtpHeader,
  rtpProblem,
} from './rtp/header.ts';
export { PAYLOAD_BYTES_MAX, REORDER_PACKETS_MAX, ReorderBuffer } from './rtp/reorder-buffer.ts';
export { nextSequence, nextTimestamp, sequenceDistance, timestampDistance } from './rtp/wraparound.ts';
export { createSrtpReceiver } from './srtp/receiver.ts';
export { createSrtpSender } from './srtp/sender.ts';
export {
  type Aes,
  type CreateAes,
  DROPPED,
  SRTP_TRAILER_BYTES_MAX,
  type SrtpDrops,
  type SrtpKeys,
  type SrtpReceiver,
  type SrtpSender,
} from './srtp/srtp.ts';
export { SRTP_SUITES, type SrtpSuite, type SrtpSuiteName, srtpSuite } from './srtp/suites.ts';
export { ComfortNoise } from './stages/comfort-noise.ts';
export { createStripper, LOOKBACK_MS_MAX, PACKET_TIME_MS_MAX } from './stages/create-stripper.ts';
export { IDLE_MS } from './stages/mask-hold.ts';
export { OPUS_REACH_MS } from './stages/packet-framer.ts';
export {
  COMFORT_NOISE_DBM0,
  FLAT_TONE_DBM0,
  FLAT_TONE_HZ,
  type ReplacementAudio,
  replacementAudio,
} from './stages/replacement-audio.ts';
export type * from './stages/stripper.ts';
export { AHEAD_MAX_MS, GRACE_MS } from './stages/timeline.ts';
export { type AssemblerSink, EventAssembler } from './telephone-event/assembler.ts';
export {
  eventBlocksIn,
  KEY_EVENT_MAX,
  readTelephoneEvent,
  type TelephoneEvent,
  writeTelephoneEvent,
} from './telephone-event/payload.ts';
export { CaptureDetector, type HeardKey } from './tones/capture-detector.ts';
export { HOP_MS, HOP_SAMPLES, HopBank } from './tones/hop-bank.ts';
export { eventCodeOf, HIGH_TONES_HZ, LOW_TONES_HZ, TONES_HZ, tonePairOf } from './tones/keypad.ts';
export { levelOf, RMS_AT_0_DBM0, rmsOf, SAMPLE_RATE_HZ, SAMPLES_PER_MS } from './tones/level.ts';
export { LOOKBACK_MS_DEFAULT, MaskingDetector } from './tones/masking-detector.ts';
