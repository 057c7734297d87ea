import { dtmfTone, mixInto, SAMPLES_PER_MS, type Spandsp } from '@sordino/testkit';
import { q24Corpus, type Tape } from './corpus.ts';
import { type Score, scoreOf } from './judge.ts';
import { baseline, type Heard, product } from './listeners.ts';
import { music, whistling } from './melodies.ts';
import { pitched, type Voice } from './prompts.ts';
import { NOTHING_HEARD, plus, type TalkOff, talkOffOf } from './talk-off.ts';

export type Path = 'PCMU' | 'PCMA' | 'GSM';
const PATHS: readonly Path[] = ['PCMU', 'PCMA', 'GSM'];
/** A key each 4 s keeps the masker wary from one to the next. */
const KEY_EVERY_MS = 4000;

export interface Row {
  readonly kind: string;
  readonly wanted: Tape['wanted'];
  readonly path: Path;
  readonly ours: Score;
  readonly spandsp: Score;
}

export interface Pair {
  readonly name: string;
  readonly ours: TalkOff;
  readonly spandsp: TalkOff;
}

/** Each tape through each path, heard by us and by spandsp. */
export async function measureKeys(spandsp: Spandsp, seed: number, turns: number): Promise<Row[]> {
  const rows: Row[] = [];
  for (const tape of q24Corpus(seed, turns)) {
    for (const path of PATHS) {
      const samples = path === 'GSM' ? await spandsp.throughGsm(tape.samples) : tape.samples;
      const codec = path === 'GSM' ? 'PCMU' : path;
      const ours = scoreOf(tape, product(samples, codec).keys);
      const theirs = scoreOf(tape, (await baseline(spandsp, samples, codec)).keys);
      rows.push({ kind: tape.kind, wanted: tape.wanted, path, ours, spandsp: theirs });
    }
  }
  return rows;
}

/** People who talk and press nothing, at each pitch. */
export async function measureTalkOff(
  spandsp: Spandsp,
  voices: readonly Voice[],
  pitches: readonly number[],
  say: (line: string) => void,
): Promise<Pair[]> {
  const pairs: Pair[] = [];
  for (const pitch of pitches) {
    for (const { language, samples } of voices) {
      const name = `${language}, pitch ${pitch}`;
      const pair = await compare(spandsp, name, pitch === 1 ? samples : pitched(samples, pitch));
      const { falseDigits, maskedMs } = pair.ours;
      say(`${name}: ${falseDigits} false digits, ${maskedMs} ms masked`);
      pairs.push(pair);
    }
  }
  return pairs;
}

export async function measureMelodies(spandsp: Spandsp, seed: number, ms: number): Promise<Pair[]> {
  return [
    await compare(spandsp, 'music', music(ms, seed)),
    await compare(spandsp, 'whistling', whistling(ms, seed)),
  ];
}

/**
 * What is masked of a voice beyond the keys themselves, where a key comes every 4 s: the masker expects more of them. What
 * the same keys cost in silence is taken off.
 */
export function measureAmongKeys(voices: readonly Voice[]): TalkOff {
  return voices.reduce((sum, { samples }) => {
    const spoken = withKeys(samples);
    const { maskedMs } = product(spoken);
    const alone = product(withKeys(new Int16Array(samples.length)));
    const heard: Heard = { keys: [], maskedMs: Math.max(0, maskedMs - alone.maskedMs) };
    return plus(sum, talkOffOf(samples, heard));
  }, NOTHING_HEARD);
}

/** What is masked of a voice that presses nothing while a field is open: the first key is expected at any time. */
export const measureFieldOpen = (voices: readonly Voice[]): TalkOff =>
  voices.reduce(
    (sum, { samples }) => plus(sum, talkOffOf(samples, product(samples, 'PCMU', { isFieldOpen: true }))),
    NOTHING_HEARD,
  );

export const sumOf = (pairs: readonly Pair[], who: 'ours' | 'spandsp'): TalkOff =>
  pairs.reduce((sum, pair) => plus(sum, pair[who]), NOTHING_HEARD);

async function compare(spandsp: Spandsp, name: string, samples: Int16Array): Promise<Pair> {
  const ours = talkOffOf(samples, product(samples));
  return { name, ours, spandsp: talkOffOf(samples, await baseline(spandsp, samples)) };
}

function withKeys(samples: Int16Array): Int16Array {
  const mixed = samples.slice();
  const every = KEY_EVERY_MS * SAMPLES_PER_MS;
  for (let from = every, n = 0; from < mixed.length; from += every, n += 1) {
    mixInto(mixed, dtmfTone(String(n % 10), { durationMs: 80, levelDbm0: -8 }), from);
  }
  return mixed;
}
