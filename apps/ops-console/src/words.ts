import type { EventEnvelope, LegRole, LegView, PlatformProbeObject, SessionObject } from '@sordino/core';

/** What an operator reads. Nothing depends on colour. */

/** Whether the two people can talk, and through whom. */
export function voiceOf({ topology }: Pick<SessionObject, 'topology'>): string {
  switch (topology) {
    case 'original':
    case 'restored':
      return 'talking, not through us';
    case 'engaging':
      return 'talking, being moved to us';
    case 'restoring':
      return 'talking, being moved back';
    case 'engaged':
      return 'talking through us';
    case 'degraded':
      return 'talking through us, masked; the platform must act';
    case 'lost':
      return 'call ended';
  }
}

const LEG_WORDS: Readonly<Record<LegRole, string>> = {
  leg4_customer: '4 customer – platform',
  leg5_in: '5 platform → Sordino',
  leg6_media: '6 customer – Sordino',
  leg7_out: '7 Sordino → platform',
  leg8_agent: '8 platform – agent',
};

export const legWords = (role: LegRole): string => LEG_WORDS[role];

/** `inviting, confirmed +120 ms, media_up +40 ms`: each state with the time since the one before. */
export function historyOf({ states }: Pick<LegView, 'states'>): string {
  return states
    .map(({ state, at_ms }, index) => {
      const before = states[index - 1];
      return before === undefined ? state : `${state} +${Math.round(at_ms - before.at_ms)} ms`;
    })
    .join(', ');
}

/** What a second detector heard on leg 7: `0 of 23 keys, at most -61 dBm0`. An incident comes first, and says what was done. */
export function leg7Words({
  leaks_suspected: leaks,
  attestation,
  topology,
}: Pick<SessionObject, 'leaks_suspected' | 'attestation' | 'topology'>): string {
  const incident = leaks > 0 ? `LEAK SUSPECTED ${leaks === 1 ? 'once' : `${leaks} times`}, muted: ` : '';
  if (attestation === null)
    return `${incident}${['engaged', 'restoring', 'degraded'].includes(topology) ? 'listening' : ''}`;
  const { tones_out: out, keys_in: keys, worst_residual_dbm0: worst, complete } = attestation;
  const residual = worst === null ? '' : `, at most ${worst} dBm0`;
  return `${incident}${out} of ${keys} keys${residual}${complete ? '' : ', a relay died: not complete'}`;
}

/** `2.1 %` of what should have come; nothing was lost that never was to come. */
export function lossOf({ packets_in, lost_in }: NonNullable<LegView['media']>): string {
  const expected = packets_in + lost_in;
  const percent = expected > 0 ? (100 * Math.max(0, lost_in)) / expected : 0;
  return `${lost_in} (${percent.toFixed(1)} %)`;
}

/** `4.3 of 4.5, 38 ms there and back`: the last ten seconds by ITU-T G.107. One direction missing comes first. */
export function soundOf({ quality, rtt_ms, one_way }: NonNullable<LegView['media']>): string {
  const missing = { not_heard: 'ONE WAY: nothing comes', not_hearing: 'ONE WAY: nothing of ours arrives' };
  const mos = quality.at(-1)?.mos ?? null;
  const words = [
    one_way === null ? '' : missing[one_way],
    mos === null ? '' : `${mos.toFixed(1)} of 4.5`,
    rtt_ms === null ? '' : `${Math.round(rtt_ms)} ms there and back`,
  ];
  return words.filter((word) => word !== '').join(', ');
}

/** `brand visa, last4 4242`. A leg's whole history would drown the line; its role and state say it. */
export function eventWords({ type, data }: EventEnvelope): string {
  if (type === 'leg.updated') {
    const leg = data.leg as LegView;
    const oneWay = leg.media?.one_way ?? null;
    return `${legWords(leg.role)}: ${leg.state}${leg.reason === null ? '' : ` (${leg.reason})`}${oneWay === null ? '' : `, audio one way: ${oneWay.replace('_', ' ')}`}`;
  }
  return Object.entries(data)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name} ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`)
    .join(', ');
}

/** Whether the platform answers, and if not, why. */
export function reachWords({ state, reason, status }: PlatformProbeObject): string {
  switch (state) {
    case 'off':
      return 'not asked: probe.interval_s is 0';
    case 'unknown':
      return 'not asked yet';
    case 'reachable':
      return 'reachable';
    case 'unreachable':
      return `unreachable: ${reason ?? `it answers ${status}`}`;
  }
}

/** What the platform lists; a list that was not sent says nothing. */
export function allowWords({ allow, checked_at_ms }: PlatformProbeObject): string {
  if (allow !== null) return allow.join(' ');
  return checked_at_ms === null ? '' : 'it does not say';
}

/** `09:41:07.123`, UTC as in the log. */
export const clockOf = (unixMs: number): string => new Date(unixMs).toISOString().slice(11, 23);
