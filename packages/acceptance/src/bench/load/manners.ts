/** How one call of the load goes; both legs know it from the number of the call. */
export type Manner =
  /** Set up, held, hung up on leg 5. */
  | 'plain'
  /** The caller gives up while leg 7 rings. */
  | 'canceled'
  /** Leg 7 is busy. */
  | 'refused'
  /** Leg 7 says nothing at all. */
  | 'unanswered'
  /** The 200 on leg 5 is never acknowledged. */
  | 'ack_lost'
  /** Leg 7 hangs up first. */
  | 'agent_leaves';

export type MannerOf = (call: number) => Manner;

export const allPlain: MannerOf = () => 'plain';

/** Calls of a hundred that go wrong in each way: far more than in life. */
const MISHAPS: readonly (readonly [Manner, number])[] = [
  ['canceled', 5],
  ['refused', 5],
  ['unanswered', 2],
  ['ack_lost', 2],
  ['agent_leaves', 4],
];

/** The same mishaps for the same numbers, spread as by chance. */
export const withMishaps: MannerOf = (call) => {
  let drawn = (Math.imul(call, 0x9e3779b1) >>> 8) % 100;
  for (const [manner, share] of MISHAPS) {
    if (drawn < share) return manner;
    drawn -= share;
  }
  return 'plain';
};
