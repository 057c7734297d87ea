import { multimonDtmf, SAMPLES_PER_MS, SPANDSP_WIDENED, type Spandsp } from '@sordino/testkit';
import type { CallPlan, PlannedKey } from '../plan/call-plan.ts';
import type { CallOutcome } from '../run/outcome.ts';
import { listenByLoudness } from './listen-by-loudness.ts';
import { listenBySamples } from './listen-by-samples.ts';
import { type Overheard, overhearUnmasked } from './overheard.ts';

export interface JudgedKey extends PlannedKey {
  readonly masked: Overheard;
  /** spandsp reads it where nobody masks. */
  readonly unmaskedBySpandsp: boolean;
  /** What the slower judges make of it there; not of every key. */
  readonly control: (Overheard & { readonly multimon: boolean }) | undefined;
  readonly captured: boolean;
}

export interface JudgedCall {
  readonly name: string;
  readonly keys: readonly JudgedKey[];
  /** Digits that spandsp (as it is, and widened) and multimon-ng read anywhere on leg 7: the most of the three. */
  readonly decodable: number;
  /** Captured, but never pressed. */
  readonly spurious: number;
  /** How much of the voice before the keys is found on leg 7, 0 to 1: what finds a tone that is left would find it. */
  readonly voiceFound: number;
  readonly lookbackMs: number;
}

const ms = (value: number): number => Math.round(value * SAMPLES_PER_MS);
/** Around a key that a decoder is given on its own. */
const EXCERPT_MS = 60;
/** A captured key belongs to a press that began so much before or after; a busy machine's timers are late. */
const CAPTURE_SKEW_MS = 120;

/** Lets every judge hear leg 7, and the control: the slower ones every `controlEvery`th key of it. */
export async function judgeCall(
  outcome: CallOutcome,
  spandsp: Spandsp,
  controlEvery: number,
): Promise<JudgedCall> {
  const { plan, masked, unmasked, lookbackMs } = outcome;
  const read = await multimonReads(
    unmasked,
    plan.keys.filter((_, n) => n % controlEvery === 0),
  );
  const digits = await spandsp.dtmf(unmasked);
  const { overheard, voiceFound } = isSampleExact(plan)
    ? listenBySamples(outcome)
    : listenByLoudness(outcome);
  const taken = new Set<number>();
  const keys = plan.keys.map((key, n): JudgedKey => {
    const capturedAt = outcome.captured.findIndex(
      ({ key: captured, atMs }, at) =>
        !taken.has(at) && captured === key.key && Math.abs(atMs - key.startMs) < CAPTURE_SKEW_MS,
    );
    if (capturedAt >= 0) taken.add(capturedAt);
    const multimon = read.get(key);
    return {
      ...key,
      masked: overheard[n] ?? { estimated: '', residualMs: 0 },
      unmaskedBySpandsp: digits.some(
        (digit) =>
          digit.key === key.key &&
          digit.sample > ms(key.startMs) &&
          digit.sample < ms(key.endMs + EXCERPT_MS),
      ),
      control: multimon === undefined ? undefined : { ...overhearUnmasked(outcome, key), multimon },
      captured: capturedAt >= 0,
    };
  });
  return {
    name: plan.name,
    keys,
    decodable: await decodableIn(masked, spandsp),
    spurious: outcome.captured.length - taken.size,
    voiceFound,
    lookbackMs,
  };
}

/** The relay's G.722 decodes to other samples than the one that made the line; Opus is the same library here and there. */
const isSampleExact = ({ customerCodec, cleanCodec }: CallPlan): boolean =>
  customerCodec !== 'G722' && cleanCodec !== 'G722' && cleanCodec !== 'opus';

async function decodableIn(masked: Int16Array, spandsp: Spandsp): Promise<number> {
  const [strict, wide, [other]] = await Promise.all([
    spandsp.dtmf(masked),
    spandsp.dtmf(masked, SPANDSP_WIDENED),
    multimonDtmf([masked]),
  ]);
  return Math.max(strict.length, wide.length, other?.length ?? 0);
}

/** Which of these keys multimon-ng reads, each on its own, where nobody masks. */
async function multimonReads(
  unmasked: Int16Array,
  keys: readonly PlannedKey[],
): Promise<Map<PlannedKey, boolean>> {
  const texts = await multimonDtmf(
    keys.map(({ startMs, endMs }) => unmasked.subarray(ms(startMs - EXCERPT_MS), ms(endMs + EXCERPT_MS))),
  );
  return new Map(keys.map((key, n) => [key, texts[n]?.includes(key.key) === true]));
}
