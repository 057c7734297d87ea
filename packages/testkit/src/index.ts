export * from './api/session-follower.ts';
export * from './audio/dtmf.ts';
export * from './audio/g711.ts';
export * from './audio/level.ts';
export * from './audio/samples.ts';
export * from './audio/source.ts';
export * from './audio/speech.ts';
export * from './audio/timed-audio.ts';
export * from './audio/wav.ts';
export * from './fakes/fake-scheduler.ts';
export type { GatewayFault } from './gateway/faults.ts';
export * from './gateway/gateway-simulator.ts';
export type { LedgerEntry, LedgerReport } from './gateway/ledger.ts';
export { SANDBOX_GATEWAY_OPENAPI } from './gateway/openapi.ts';
export { TEST_CARDS } from './gateway/test-cards.ts';
export { expectLadder, UPDATE_LADDERS } from './ladder/expect-ladder.ts';
export * from './ladder/ladder.ts';
export * from './measure/dtmf-decode.ts';
export * from './measure/gap.ts';
export * from './measure/lookback.ts';
export * from './measure/telephone-events.ts';
export * from './measure/tone-residue.ts';
export type { PhoneReport, ReportedKey } from './phone/phone-report.ts';
export * from './pictures/spectrogram.ts';
export type {
  DivertOutcome,
  DivertRequest,
  Leg5Offer,
  PlatformBehaviour,
} from './platform/divert-request.ts';
export { type CapturedPacket, encodePcap } from './platform/packet-capture.ts';
export type { PlatformReport } from './platform/simulated-platform.ts';
export * from './rtp/heard-audio.ts';
export * from './rtp/host-clock.ts';
export * from './rtp/keypad.ts';
export * from './rtp/rtp-phone.ts';
export type { HostPort } from './rtp/udp-pair.ts';
export { type LocalWorld, startLocalWorld } from './world/local-world.ts';
export type { WorldOptions } from './world/setup.ts';
export type { PlatformControl, World, WorldReports } from './world/world.ts';
