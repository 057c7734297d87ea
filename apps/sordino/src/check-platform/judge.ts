import type { Seen } from './call-view.ts';
import type { Finding } from './report.ts';
import { leg5 } from './rules/leg5.ts';
import { leg7 } from './rules/leg7.ts';
import { reach } from './rules/reach.ts';
import { refer } from './rules/refer.ts';
import { restoring } from './rules/restoring.ts';
import { slow } from './rules/slow.ts';
import { whileEngaged } from './rules/while-engaged.ts';

/** In the order of a call. */
const RULES: readonly ((seen: Seen) => readonly Finding[])[] = [
  reach,
  refer,
  leg5,
  leg7,
  whileEngaged,
  restoring,
  slow,
];

export const judge = (seen: Seen): readonly Finding[] => RULES.flatMap((rule) => rule(seen));
