/** pass: as it should be · must_change: the platform (or its profile) has to change · advice: works, could be better · not_seen: this run did not show it · ask: nothing on the wire can show it. */
type Verdict = 'pass' | 'must_change' | 'advice' | 'not_seen' | 'ask';

export interface Finding {
  /** `leg 7 is taken`: what was looked at. */
  readonly item: string;
  readonly verdict: Verdict;
  /** What was seen, and what to do. */
  readonly words: string;
}

export interface PlatformReport {
  readonly platform: string;
  /** Nothing must change. */
  readonly ok: boolean;
  readonly findings: readonly Finding[];
  /** Legs 5 and 7 as text, one for each call that was made. */
  readonly ladders: readonly string[];
  /** What Sordino warned of meanwhile. */
  readonly log: readonly string[];
}

export const pass = (item: string, words: string): Finding => ({ item, verdict: 'pass', words });
export const mustChange = (item: string, words: string): Finding => ({ item, verdict: 'must_change', words });
export const advice = (item: string, words: string): Finding => ({ item, verdict: 'advice', words });
export const notSeen = (item: string, words: string): Finding => ({ item, verdict: 'not_seen', words });
export const ask = (item: string, words: string): Finding => ({ item, verdict: 'ask', words });

const HEADS: readonly (readonly [Verdict, string])[] = [
  ['must_change', 'Must change'],
  ['advice', 'Could be better'],
  ['ask', 'Ask the platform: nothing on the wire can show it'],
  ['not_seen', 'Could not be seen in this run'],
  ['pass', 'As it should be'],
];

/** The report for a person: the worst first. */
export function inWords({ platform, ok, findings, ladders, log }: PlatformReport): string {
  const blocks = HEADS.flatMap(([verdict, head]) => {
    const lines = findings.filter((finding) => finding.verdict === verdict);
    if (lines.length === 0) return [];
    return [[head, ...lines.map(({ item, words }) => `  - ${item}: ${words}`)].join('\n')];
  });
  const warned =
    log.length === 0 ? [] : [['Sordino warned meanwhile', ...log.map((line) => `  ${line}`)].join('\n')];
  const must = findings.filter(({ verdict }) => verdict === 'must_change').length;
  const last = ok
    ? `${platform}: nothing must change.`
    : `${platform}: ${must} ${must === 1 ? 'thing' : 'things'} must change.`;
  return `${[...ladders, ...warned, ...blocks, last].join('\n\n')}\n`;
}
