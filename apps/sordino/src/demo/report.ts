import type { LegRole, LegState, MaskAttestation } from '@sordino/core';
import { hostMsOfUnix } from '@sordino/testkit';
import type { DemoOptions } from './demo-options.ts';
import { type Evidence, HEARD_CORRELATION_MIN } from './evidence.ts';
import type { PaymentRecord } from './payment.ts';

export interface Check {
  readonly name: string;
  readonly ok: boolean;
  /** What was seen, and what was wanted. */
  readonly seen: string;
  /** A figure in milliseconds: on a machine that stands still for a moment it is the machine's as much as ours. */
  readonly timed: boolean;
}

export interface DemoReport {
  readonly status: string;
  readonly auth_code: string | null;
  readonly topology: string;
  readonly cycles: number;
  readonly create_to_ready_ms: number;
  readonly lookback_ms: number;
  readonly digits: { readonly sent: number; readonly captured: number; readonly readable_on_leg7: number };
  readonly telephone_events_on_leg7: number;
  readonly tone_residue_dbm0_max: number;
  readonly gap_ms: Evidence['gapMs'];
  readonly legs: readonly {
    readonly role: LegRole;
    readonly cycle: number;
    readonly states: readonly { readonly state: LegState; readonly at_ms: number }[];
  }[];
  /** By payment: what Sordino itself says of leg 7. */
  readonly attestations: readonly MaskAttestation[];
  readonly checks: readonly Check[];
}

/** What the gateway's own books say. */
export interface GatewayBooks {
  readonly approved: number;
  readonly declined: number;
}

/** Design section 8: look-back <= 30 ms. Timers fire up to a millisecond early, which the measure cannot tell from delay. */
const LOOKBACK_MS_MAX = 31;

/** Design section 8: audible gap <= 40 ms, when engaging and when restoring, each direction. */
const GAP_MS_MAX = 40;

/**
 * A key is sent at -10 dBm0 a frequency and reads so; 5 ms of it read -21. Speech alone reads -31 or less in 99 % of
 * the windows of a quarter of an hour, and never more than -27.5.
 */
const RESIDUE_DBM0_MAX = -24;

export function makeReport(
  options: DemoOptions,
  startMs: number,
  payments: readonly PaymentRecord[],
  evidence: Evidence,
  books: GatewayBooks,
  leaks: readonly string[],
): DemoReport {
  const last = payments.at(-1);
  if (last === undefined) throw new Error('no payment was played');
  const sum = sumOver(payments);
  const digits = {
    sent: sum(({ digitsSent }) => digitsSent),
    captured: sum(({ digitsCaptured }) => digitsCaptured),
    readable_on_leg7: evidence.digitsReadableOnLeg7,
  };
  return {
    status: last.session.status,
    auth_code: last.session.result.auth_code,
    topology: last.session.topology,
    cycles: payments.length,
    create_to_ready_ms: Math.round(evidence.createToReadyMs),
    lookback_ms: evidence.lookbackMs,
    digits,
    telephone_events_on_leg7: evidence.telephoneEventsOnLeg7,
    tone_residue_dbm0_max: round1(evidence.toneResidueDbm0Max),
    gap_ms: evidence.gapMs,
    legs: payments.flatMap(({ legs }) =>
      legs.map(({ role, cycle, states }) => ({
        role,
        cycle,
        states: states.map(({ state, at_ms }) => ({
          state,
          at_ms: Math.round(hostMsOfUnix(at_ms) - startMs),
        })),
      })),
    ),
    attestations: payments.map(({ attestation }) => attestation),
    checks: checksOf(options, payments, evidence, digits, books, leaks),
  };
}

function checksOf(
  options: DemoOptions,
  payments: readonly PaymentRecord[],
  evidence: Evidence,
  digits: DemoReport['digits'],
  books: GatewayBooks,
  leaks: readonly string[],
): Check[] {
  const same = (name: string, seen: unknown, wanted: unknown): Check => ({
    name,
    ok: seen === wanted,
    seen: `${seen} of ${wanted}`,
    timed: false,
  });
  const atMost = (name: string, seen: number, most: number, unit: string): Check => ({
    name,
    ok: seen <= most,
    seen: `${round1(seen)} ${unit}, at most ${round1(most)}`,
    timed: unit === 'ms',
  });
  const sum = sumOver(payments);
  const { engage, restore } = evidence.gapMs;
  const approvals = options.card === 'approved' ? options.repeat : 0;
  return [
    same(
      `every payment ended ${options.card}`,
      payments.filter(({ session }) => session.status === options.card).length,
      options.repeat,
    ),
    same(
      'every call was handed back',
      payments.filter(({ session }) => session.topology === 'restored').length,
      options.repeat,
    ),
    same('the gateway booked each approval once', books.approved, approvals),
    same('the gateway booked each decline once', books.declined, options.repeat - approvals),
    same('every digit was captured', digits.captured, digits.sent),
    same('no key can be read from leg 7', evidence.digitsReadableOnLeg7, 0),
    same('no key can be read from what the agent heard', evidence.digitsReadableByAgent, 0),
    same('no telephone-event on leg 7', evidence.telephoneEventsOnLeg7, 0),
    atMost(
      'no trace of a key stands out of the speech',
      evidence.toneResidueDbm0Max,
      RESIDUE_DBM0_MAX,
      'dBm0',
    ),
    same(
      'Sordino attests the same: keys that it heard on leg 7',
      sum(({ attestation }) => attestation.tones_out),
      0,
    ),
    // Not a number, and so not at most anything: the agent did not hear the customer at all.
    atMost('look-back', evidence.lookbackMs, LOOKBACK_MS_MAX, 'ms'),
    atMost('gap to the agent when engaging', engage.to_agent, GAP_MS_MAX, 'ms'),
    atMost('gap to the customer when engaging', engage.to_customer, GAP_MS_MAX, 'ms'),
    atMost('gap to the agent when restoring', restore.to_agent, GAP_MS_MAX, 'ms'),
    atMost('gap to the customer when restoring', restore.to_customer, GAP_MS_MAX, 'ms'),
    ...evidence.talk.map(({ when, to, correlation }, index) => ({
      name: `payment ${Math.floor(index / TALKS_PER_PAYMENT) + 1}: the ${to} hears the other ${when}`,
      ok: correlation >= HEARD_CORRELATION_MIN,
      seen: `correlation ${correlation.toFixed(2)}, at least ${HEARD_CORRELATION_MIN}`,
      timed: false,
    })),
    same('legs 5 and 7 of every payment reached the platform', evidence.dialogs.length, 2 * options.repeat),
    ...evidence.dialogs.map(({ leg, path }) => ({
      name: `${leg} came up and was released, as the platform saw it`,
      ok: /confirmed.*terminated$/.test(path),
      seen: path,
      timed: false,
    })),
    ...payments.map(({ legs }, index) => {
      const open = legs
        .filter(({ state }) => state !== 'terminated')
        .map(({ role, state }) => `${role} ${state}`);
      return {
        name: `payment ${index + 1}: every leg was released`,
        ok: legs.length > 0 && open.length === 0,
        seen: open.length === 0 ? `${legs.length} legs terminated` : open.join(', '),
        timed: false,
      };
    }),
    {
      name: 'the card number is in no log line, journal, event or answer',
      ok: leaks.length === 0,
      seen: leaks.length === 0 ? 'found nowhere' : leaks.join('; '),
      timed: false,
    },
  ];
}

/** Before, engaged, after; to the agent and to the customer. */
const TALKS_PER_PAYMENT = 6;

const sumOver =
  (payments: readonly PaymentRecord[]) =>
  (of: (payment: PaymentRecord) => number): number =>
    payments.reduce((total, payment) => total + of(payment), 0);

const round1 = (value: number): number => Math.round(value * 10) / 10;
