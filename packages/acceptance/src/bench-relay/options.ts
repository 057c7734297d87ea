import { parseArgs } from 'node:util';
import type { SordinoIo } from './sordino.ts';

export interface BenchRelayOptions {
  readonly quick: boolean;
  readonly report: string | undefined;
  readonly packetIo: SordinoIo;
  /** Numbers of calls, in place of those of the plan. */
  readonly calls: readonly number[] | undefined;
}

export const BENCH_RELAY_HELP = `bench:relay: calls through Debian's rtpengine and through Sordino, in turn, from one generator, and what each costs

  --quick             less than a minute: two numbers of calls of RTP, one of SRTP and of Opus, some seconds each; else a quarter of an hour
  --report FILE       the figures as JSON
  --calls 100,400     other numbers of calls
  --packet-io dgram   Sordino on node:dgram instead of the packet addon
`;

/** Reads the flags. Throws an `Error` that names what was wrong. */
export function readBenchRelayOptions(args: readonly string[]): BenchRelayOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      report: { type: 'string' },
      calls: { type: 'string' },
      'packet-io': { type: 'string', default: 'native' },
    },
  });
  const packetIo = values['packet-io'];
  if (packetIo !== 'native' && packetIo !== 'dgram')
    throw new Error(`--packet-io is ${packetIo}; it must be native or dgram`);
  const calls = values.calls?.split(',').map(Number);
  if (calls?.some((count) => !Number.isInteger(count) || count < 1 || count > 1_500))
    throw new Error(`--calls is ${values.calls}; it must be numbers from 1 to 1500, such as 100,400`);
  return { quick: values.quick, report: values.report, packetIo, calls };
}
