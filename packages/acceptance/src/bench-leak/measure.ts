import { Spandsp } from '@sordino/testkit';
import { type JudgedCall, judgeCall } from './judge/judge-call.ts';
import { type LeakCase, leakCases } from './plan/cases.ts';
import { planCall } from './plan/plan-call.ts';
import { runOffline } from './run/offline.ts';
import type { CallOutcome } from './run/outcome.ts';
import { runOverSockets } from './run/over-sockets.ts';
import { type Tally, tally } from './tally.ts';

export interface LeakPlan {
  /** Which of the cases. */
  readonly takes: (leakCase: LeakCase) => boolean;
  /** Through a running relay, in real time. */
  readonly sockets: { readonly callsPerCase: number; readonly callMs: number };
  /** Through the relay's stripper alone, on a clock of its own. */
  readonly offline: { readonly callsPerCase: number; readonly callMs: number };
  readonly workers: number;
  readonly lookbackMs: number;
  /** The slower judges hear every so manieth key of the control. */
  readonly controlEvery: number;
  readonly seed: number;
}

export interface LeakMeasured {
  readonly sockets: readonly Tally[];
  readonly offline: readonly Tally[];
  readonly all: Tally;
}

export async function measureLeaks(plan: LeakPlan, progress: (line: string) => void): Promise<LeakMeasured> {
  const spandsp = await Spandsp.compiled();
  const cases = leakCases(spandsp).filter(plan.takes);
  const judge = (outcome: CallOutcome): Promise<JudgedCall> => judgeCall(outcome, spandsp, plan.controlEvery);

  progress(
    `${cases.length} cases, ${plan.sockets.callsPerCase} calls of ${plan.sockets.callMs / 1000} s each through a running relay`,
  );
  const plans = await Promise.all(
    cases.flatMap((leakCase, at) =>
      callsOf(leakCase, plan.sockets, plan.seed, at).map(({ callMs, seed }) =>
        planCall(leakCase, callMs, seed, spandsp),
      ),
    ),
  );
  const outcomes =
    plans.length === 0 ? [] : await runOverSockets(plans, plan.workers, plan.lookbackMs, spandsp);
  progress('judging them');
  const overSockets = await twoAtATime(outcomes, judge);

  progress(
    `${plan.offline.callsPerCase} calls of ${plan.offline.callMs / 1000} s each through the stripper alone`,
  );
  const jobs = cases.flatMap((leakCase, at) =>
    isEncrypted(leakCase)
      ? []
      : callsOf(leakCase, plan.offline, plan.seed + OFFLINE_SEED, at).map((call) => ({ leakCase, ...call })),
  );
  const offline = await twoAtATime(jobs, async ({ leakCase, callMs, seed }) =>
    judge(await runOffline(await planCall(leakCase, callMs, seed, spandsp), plan.lookbackMs, spandsp)),
  );
  return {
    sockets: talliesOf('sockets: ', cases, overSockets),
    offline: talliesOf('offline: ', cases, offline),
    all: tally('all', [...overSockets, ...offline]),
  };
}

/** While one waits for its decoders, the other computes. */
async function twoAtATime<T, R>(list: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const done: R[] = [];
  const rest = list.entries();
  const worker = async (): Promise<void> => {
    for (const [at, item] of rest) done[at] = await work(item);
  };
  await Promise.all([worker(), worker()]);
  return done;
}

const OFFLINE_SEED = 500_000;

/** A voice, a pause, one key and what follows it; a second one has no room. */
const FIRST_KEY_CALL_MS = 2_400;

/** The calls of one class: as many as were asked for, or those whose first keys are meant, one after the other in the same time. */
function callsOf(
  { firstKeysOnly }: LeakCase,
  { callsPerCase, callMs }: LeakPlan['sockets'],
  seed: number,
  at: number,
): { callMs: number; seed: number }[] {
  const each = firstKeysOnly ? FIRST_KEY_CALL_MS : callMs;
  const count = Math.floor((callsPerCase * callMs) / each);
  return Array.from({ length: count }, (_, n) => ({ callMs: each, seed: seed + 1_000 * at + n }));
}

/** The stripper knows nothing of SRTP: alone it would be the same case again. */
const isEncrypted = ({ srtp }: LeakCase): boolean => srtp.customer !== undefined || srtp.clean !== undefined;

function talliesOf(prefix: string, cases: readonly LeakCase[], calls: readonly JudgedCall[]): Tally[] {
  return cases
    .map(({ name }) =>
      tally(
        prefix + name,
        calls.filter((call) => call.name === name),
      ),
    )
    .filter(({ keys }) => keys > 0);
}
