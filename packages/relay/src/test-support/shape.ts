import type { HeardPacket } from './phone.ts';

export interface StreamShape {
  readonly ssrcs: number;
  /** Distinct steps of the sequence number, and of the timestamp, from each packet to the next. */
  readonly sequenceSteps: readonly number[];
  readonly timestampSteps: readonly number[];
}

/** SSRCs, and the steps of sequence and timestamp, of what was heard. */
export function shapeOf(heard: readonly HeardPacket[]): StreamShape {
  const headers = heard.map(({ packet }) => packet.header);
  const steps = (values: readonly number[]): number[] =>
    values.slice(1).map((value, n) => value - (values[n] ?? 0));
  const sequences = steps(headers.map(({ sequenceNumber }) => sequenceNumber));
  const timestamps = steps(headers.map(({ timestamp }) => timestamp));
  return {
    ssrcs: new Set(headers.map(({ ssrc }) => ssrc)).size,
    sequenceSteps: [...new Set(sequences.map((step) => step & 0xffff))],
    timestampSteps: [...new Set(timestamps.map((step) => step >>> 0))],
  };
}

/**
 * One stream, no number missing, whole frames of 20 ms. Timestamps may step over a pause: on a machine that stood still for
 * half a second the relay goes on from now.
 */
export function isSeamless(heard: readonly HeardPacket[]): boolean {
  const { ssrcs, sequenceSteps, timestampSteps } = shapeOf(heard);
  return (
    ssrcs === 1 &&
    sequenceSteps.every((step) => step === 1) &&
    timestampSteps.every((step) => step > 0 && step % 160 === 0 && step < 8_000 * 10)
  );
}
