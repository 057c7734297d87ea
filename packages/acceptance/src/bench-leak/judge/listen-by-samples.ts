import { decodeG711, encodeG711, estimateKey, SAMPLES_PER_MS } from '@sordino/testkit';
import type { CallPlan, PlannedKey } from '../plan/call-plan.ts';
import { VOICE_MS } from '../plan/line.ts';
import type { CallOutcome } from '../run/outcome.ts';
import { lagsOf, StretchIndex } from './matching.ts';
import { AFTERGLOW_MS, type Overheard, type OverheardCall, toneOf } from './overheard.ts';
import { residualMs } from './residual.ts';

const ms = (value: number): number => Math.round(value * SAMPLES_PER_MS);
/** Audio around a key in which its lag is looked for. */
const AROUND_MS = 400;
/** How far the lag may wander in a call: late packets stretch the stream. */
const WANDER_MS = 200;
/** Stretches that must agree on a lag. */
const VOTES_MIN = 24;
/** The relay is up before the customer speaks: its stream may begin so much earlier than the line. */
const EARLY_MAX_MS = 2_400;
const FLAT_TONE_HZ = 425;

/** G.711 passes sample for sample: what is left of a tone is found exactly, however the stream was stretched on its way. */
export function listenBySamples(outcome: CallOutcome): OverheardCall {
  const { plan, masked } = outcome;
  const codecs = new Set([
    plan.cleanCodec,
    ...plan.changes.map(({ side, codec }) => (side === 'clean' ? codec : plan.cleanCodec)),
  ]);
  const saids = [...codecs].map((codec) => inLaw(plan, codec));
  const { lag, found } = voiceOf(saids, masked);
  const listener = new Listener(outcome, saids, lag);
  return { overheard: plan.keys.map((key) => listener.overhear(key)), voiceFound: found };
}

/** Knows when each key was pressed, and listens there: at the lag of the audio around it, if any passes, else at the last one known. */
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

  overhear(key: PlannedKey): Overheard {
    const { masked } = this.#outcome;
    const [start, end] = [ms(key.startMs), ms(key.endMs)];
    const span = toneOf(this.#outcome, key);
    let left = 0;
    const lags = new Set([this.#lag]);
    for (const said of this.#saids) {
      const around = new StretchIndex(said, start - ms(AROUND_MS), end + ms(AROUND_MS));
      const reach = ms(AROUND_MS + WANDER_MS);
      const search = [start + this.#lag - reach, end + this.#lag + reach] as const;
      const found = lagsOf(around, masked, search[0], search[1], VOTES_MIN);
      for (const lag of found) lags.add(lag);
      if (found[0] !== undefined) this.#lag = found[0];
      const tone = new StretchIndex(said, span.from, span.from + span.audible.length);
      left += residualMs(said, masked, span, [...lags], tone, search);
    }
    const [earliest, latest] = [Math.min(...lags), Math.max(...lags)];
    const { key: estimated } = estimateKey(masked, start + earliest, end + latest + ms(AFTERGLOW_MS), {
      maskHz: this.#maskHz,
    });
    return { estimated, residualMs: left };
  }
}

/** The line as leg 7 would have it if nothing were masked. */
function inLaw({ line, customerCodec }: CallPlan, codec: CallPlan['cleanCodec']): Int16Array {
  return codec === customerCodec || codec === 'G722' || codec === 'opus'
    ? line
    : decodeG711(codec, encodeG711(codec, line));
}

/** How much later the voice at the beginning is heard, and how much of it. */
function voiceOf(saids: readonly Int16Array[], masked: Int16Array): { lag: number; found: number } {
  const [said] = saids;
  if (said === undefined) return { lag: 0, found: 0 };
  const voice = new StretchIndex(said, 0, ms(VOICE_MS));
  const [lag] = lagsOf(voice, masked, 0, ms(VOICE_MS + EARLY_MAX_MS), VOTES_MIN);
  if (lag === undefined) return { lag: 0, found: 0 };
  let equal = 0;
  // Wherever it is: a busy machine stretches the stream.
  for (let at = 0; at < ms(VOICE_MS + EARLY_MAX_MS); at += 1)
    if (voice.find(masked, at).length > 0) equal += 1;
  return { lag, found: Math.min(1, equal / ms(VOICE_MS)) };
}
