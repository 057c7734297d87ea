import { spawnSync } from 'node:child_process';

/** Any real-time priority runs before all that is not: where others work, `nice` changes little (autogroups). */
const FIRST = ['chrt', '--rr', '10'];

const mayBeFirst = spawnSync(FIRST[0] ?? '', [...FIRST.slice(1), 'true'], { stdio: 'ignore' }).status === 0;

/** A command line that runs on one core, and before everything else where we may: a busy machine is not the relay's doing. */
export function onCore(core: number, command: readonly string[]): readonly [file: string, args: string[]] {
  const pinned = ['taskset', '-c', String(core), ...command];
  const [file = '', ...args] = mayBeFirst ? [...FIRST, ...pinned] : pinned;
  return [file, args];
}
