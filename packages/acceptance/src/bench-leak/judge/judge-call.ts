import {
  decodeG711,
  encodeG711,
  estimateKey,
  type G711Codec,
  multimonDtmf,
  SAMPLES_PER_MS,
  SPANDSP_WIDENED,
  type Spandsp,
} from '@sordino/testkit';
import type { CallPlan, PlannedKey } from '../plan/call-plan.ts';
import { VOICE_MS } from '../plan/line.ts';
import type { CallOutcome } from '../run/outcome.ts';
import { lagsOf, StretchIndex } from './matching.ts';
import { audibleIn, residualMs, type ToneSpan } from './residual.ts';

/** What an eavesdropper on one leg makes of one key. */
interface Overheard {
  /** The matched estimator's guess. */
  readonly estimated: string;
  readonly residualMs: number;
}

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
  /** Share of the voice before the keys that leg 7 has sample for sample: what finds a tone that is left would find it. */
  readonly voiceFound: number;
  readonly lookbackMs: number;
}

const ms = (value: number): number => Math.round(value * SAMPLES_PER_MS);
/** Audio around a key in which its lag is looked for. */
const AROUND_MS = 400;
/** How far the lag may wander in a call: late packets stretch the stream. */
const WANDER_MS = 200;
/** Stretches that must agree on a lag. */
const VOTES_MIN = 24;
/** What follows a tone is still listened to: codecs smear it, and masks end. */
const AFTERGLOW_MS = 30;
const FLAT_TONE_HZ = 425;
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
  const laws = new Set([
    plan.cleanCodec,
    ...plan.changes.filter(({ side }) => side === 'clean').map(({ codec }) => codec),
  ]);
  const saids = [...laws].map((codec) => inLaw(plan, codec));
  const { lag, found } = voiceOf(saids, masked);
  const controlled = plan.keys.filter((_, n) => n % controlEvery === 0);
  const read = await multimonReads(unmasked, controlled);
  const digits = await spandsp.dtmf(unmasked);
  const taken = new Set<number>();
  const listener = new Listener(outcome, saids, lag);
  const keys = plan.keys.map((key): JudgedKey => {
    const capturedAt = outcome.captured.findIndex(
      ({ key: captured, atMs }, n) =>
        !taken.has(n) && captured === key.key && Math.abs(atMs - key.startMs) < CAPTURE_SKEW_MS,
    );
    if (capturedAt >= 0) taken.add(capturedAt);
    const multimon = read.get(key);
    return {
      ...key,
      masked: listener.overhear(key),
      unmaskedBySpandsp: digits.some(
        (digit) =>
          digit.key === key.key &&
          digit.sample > ms(key.startMs) &&
          digit.sample < ms(key.endMs + EXCERPT_MS),
      ),
      control: multimon === undefined ? undefined : { ...listener.overhearControl(key), multimon },
      captured: capturedAt >= 0,
    };
  });
  return {
    name: plan.name,
    keys,
    decodable: await decodableIn(masked, spandsp),
    spurious: outcome.captured.length - taken.size,
    voiceFound: found,
    lookbackMs,
  };
}

/** Knows when each key was pressed, and listens there. */
class Listener {
  readonly #outcome: CallOutcome;
  readonly #saids: readonly Int16Array[];
  readonly #maskHz: readonly number[];
  #lag: number;

  constructor(outcome: CallOutcome, saids: readonly Int16Array[], lag: number) {
    this.#outcome = outcome;
    this.#saids = saids;
    this.#lag = lag;
    this.#maskHz = outcome.plan.mask.style === 'flat_tone' ? [FLAT_TONE_HZ] : [];
  }

  /** On leg 7: at the lag of the audio around the key, if any passes, else at the last one known. */
  overhear({ startMs, endMs }: PlannedKey): Overheard {
    const { masked } = this.#outcome;
    const [start, end] = [ms(startMs), ms(endMs)];
    const span = this.#toneOf(start, end);
    let left = 0;
    const lags = new Set([this.#lag]);
    for (const said of this.#saids) {
      const around = new StretchIndex(said, start - ms(AROUND_MS), end + ms(AROUND_MS));
      const search = [
        start + this.#lag - ms(AROUND_MS + WANDER_MS),
        end + this.#lag + ms(AROUND_MS + WANDER_MS),
      ] as const;
      const found = lagsOf(around, masked, search[0], search[1], VOTES_MIN);
      for (const lag of found) lags.add(lag);
      if (found[0] !== undefined) this.#lag = found[0];
      const tone = new StretchIndex(said, span.from, span.from + span.audible.length);
      left += residualMs(said, masked, span, [...lags], tone, search);
    }
    const [earliest, latest] = [Math.min(...lags), Math.max(...lags)];
    const { key } = estimateKey(masked, start + earliest, end + latest + ms(AFTERGLOW_MS), {
      maskHz: this.#maskHz,
    });
    return { estimated: key, residualMs: left };
  }

  overhearControl({ startMs, endMs }: PlannedKey): Overheard {
    const { plan, unmasked } = this.#outcome;
    const [start, end] = [ms(startMs), ms(endMs)];
    const span = this.#toneOf(start, end);
    const tone = new StretchIndex(plan.line, span.from, span.from + span.audible.length);
    return {
      estimated: estimateKey(unmasked, start, end + ms(AFTERGLOW_MS)).key,
      residualMs: residualMs(plan.line, unmasked, span, [0], tone, [start, end]),
    };
  }

  #toneOf(start: number, end: number): ToneSpan {
    return { from: start, audible: audibleIn(this.#outcome.plan.tones, start, end + ms(AFTERGLOW_MS)) };
  }
}

/** The line as leg 7 would have it if nothing were masked. */
function inLaw({ line, customerCodec }: CallPlan, codec: G711Codec): Int16Array {
  return codec === customerCodec ? line : decodeG711(codec, encodeG711(codec, line));
}

/** How much later the voice at the beginning is heard, and how much of it. */
function voiceOf(saids: readonly Int16Array[], masked: Int16Array): { lag: number; found: number } {
  const [said] = saids;
  if (said === undefined) return { lag: 0, found: 0 };
  const voice = new StretchIndex(said, 0, ms(VOICE_MS));
  const [lag] = lagsOf(voice, masked, 0, ms(2 * VOICE_MS + 1_000), VOTES_MIN);
  if (lag === undefined) return { lag: 0, found: 0 };
  let equal = 0;
  for (let at = 0; at < ms(VOICE_MS); at += 1) if (said[at] === masked[at + lag]) equal += 1;
  return { lag, found: equal / ms(VOICE_MS) };
}

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
