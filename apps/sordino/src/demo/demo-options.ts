import { parseArgs } from 'node:util';

export interface DemoOptions {
  /** Whose session description leg 5 begins with: shapes a-1, a-2, a-3. */
  readonly offer: 'none' | 'customer' | 'platform';
  /** How the customer keys: the payments in turn, and from the first again. */
  readonly keys: readonly ('events' | 'inband' | 'both')[];
  readonly card: 'approved' | 'declined';
  /** Payments in the one call. */
  readonly repeat: number;
  readonly codec: 'PCMU' | 'PCMA';
  readonly commit: 'after_leg7' | 'at_once';
  readonly transport: 'udp' | 'tcp';
  /** SRTP on legs 1, 6 and 7, keys in the SDP. */
  readonly srtp: boolean;
  /** Who begins: the platform with INVITE 5, or Sordino with a REFER for it. */
  readonly start: 'platform' | 'refer';
  /** Where the recordings, the ladder, the picture and the report go. */
  readonly out: string;
  /** Default: `report.json` in `out`. */
  readonly report: string | undefined;
  readonly stay: boolean;
}

export const DEMO_HELP = `sordino demo: plays one payment call between simulated phones, a platform and a gateway

  --offer none|customer|platform   what leg 5 begins with (default none)
  --keys events|inband|both        how the customer's phone sends keys (default events); A,B,…: the payments in turn
  --card approved|declined         what the bank says (default approved)
  --repeat N                       payments in the one call, 1 to 9 (default 1)
  --codec PCMU|PCMA                what the call is spoken in (default PCMU)
  --commit after_leg7|at_once      when leg 5 is answered (default after_leg7)
  --transport udp|tcp              of legs 5 and 7 (default udp)
  --srtp                           SRTP with keys in the SDP on legs 1, 6 and 7
  --start platform|refer           who begins: the platform, or Sordino by REFER (default platform)
  --out DIR                        recordings, ladder, picture, report (default demo-out)
  --report FILE                    the report elsewhere
  --stay                           leave all running and print the addresses of the pages
`;

const REPEAT_MAX = 9;

/** Reads the flags. Throws an `Error` that names the flag, what was wrong and what it takes. */
export function readDemoOptions(args: readonly string[]): DemoOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      offer: { type: 'string', default: 'none' },
      keys: { type: 'string', default: 'events' },
      card: { type: 'string', default: 'approved' },
      repeat: { type: 'string', default: '1' },
      codec: { type: 'string', default: 'PCMU' },
      commit: { type: 'string', default: 'after_leg7' },
      transport: { type: 'string', default: 'udp' },
      srtp: { type: 'boolean', default: false },
      start: { type: 'string', default: 'platform' },
      out: { type: 'string', default: 'demo-out' },
      report: { type: 'string' },
      stay: { type: 'boolean', default: false },
    },
  });
  const repeat = Number(values.repeat);
  if (!Number.isInteger(repeat) || repeat < 1 || repeat > REPEAT_MAX) {
    throw new Error(`--repeat is ${values.repeat}; it takes a whole number from 1 to ${REPEAT_MAX}`);
  }
  return {
    offer: oneOf('offer', values.offer, ['none', 'customer', 'platform']),
    keys: values.keys.split(',').map((keys) => oneOf('keys', keys, ['events', 'inband', 'both'])),
    card: oneOf('card', values.card, ['approved', 'declined']),
    repeat,
    codec: oneOf('codec', values.codec, ['PCMU', 'PCMA']),
    commit: oneOf('commit', values.commit, ['after_leg7', 'at_once']),
    transport: oneOf('transport', values.transport, ['udp', 'tcp']),
    srtp: values.srtp,
    start: oneOf('start', values.start, ['platform', 'refer']),
    out: values.out,
    report: values.report,
    stay: values.stay,
  };
}

function oneOf<Choice extends string>(flag: string, value: string, choices: readonly Choice[]): Choice {
  const found = choices.find((choice) => choice === value);
  if (found === undefined) throw new Error(`--${flag} is ${value}; it takes ${choices.join(', ')}`);
  return found;
}
