import { parseArgs } from 'node:util';

export interface BenchOptions {
  readonly quick: boolean;
  readonly report: string | undefined;
  /** Directory for a CPU profile of the system under test. */
  readonly profile: string | undefined;
}

export const BENCH_HELP = `bench:sip: sets up and tears down bridged calls over real sockets, and finds how many a core can do

  --quick         less than a minute: short steps, and finished transactions are forgotten after 1.5 s instead of 32 s
  --report FILE   the figures as JSON
  --profile DIR   a V8 CPU profile of the system under test
`;

/** Reads the flags. Throws an `Error` that names what was wrong. */
export function readBenchOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      report: { type: 'string' },
      profile: { type: 'string' },
    },
  });
  return { quick: values.quick, report: values.report, profile: values.profile };
}
