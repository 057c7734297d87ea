import { isNoticeFault, type NoticeFault } from './notices.ts';
import { GatewayRefusal } from './protocol.ts';

/**
 * What goes wrong with one request. `drop_before`: the connection closes, nothing was done. All others are after the
 * charge was made: `drop_after` closes without an answer, `reset` does so with a TCP reset, `half_body` breaks off in
 * the answer, `500_after_commit` says error, `delay:ms` answers late.
 */
export type GatewayFault =
  | 'drop_before'
  | 'drop_after'
  | '500_after_commit'
  | 'reset'
  | 'half_body'
  | `delay:${number}`;

const NAMES: readonly string[] = ['drop_before', 'drop_after', '500_after_commit', 'reset', 'half_body'];
/** Longer than any client waits. */
const DELAY_MAX_MS = 120_000;

function isGatewayFault(value: unknown): value is GatewayFault {
  if (typeof value !== 'string') return false;
  const delay = /^delay:(\d{1,6})$/.exec(value);
  return NAMES.includes(value) || (delay !== null && Number(delay[1]) <= DELAY_MAX_MS);
}

export function delayMsOf(fault: GatewayFault | undefined): number {
  return fault?.startsWith('delay:') ? Number(fault.slice('delay:'.length)) : 0;
}

/** Faults to come: one for each charge request, one for each look-up by reference, one for each notice. */
export interface FaultPlan {
  readonly next: readonly GatewayFault[];
  readonly lookups: readonly GatewayFault[];
  readonly notices: readonly NoticeFault[];
}

export const NO_FAULTS: FaultPlan = { next: [], lookups: [], notices: [] };

/** Reads the body of `POST /__sim/faults`: {"next":[…],"lookups":[…],"notices":[…]}, any may be left out. */
export function readFaultPlan(body: string): FaultPlan {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    throw new GatewayRefusal(400, 'invalid_json', 'the fault plan is not JSON');
  }
  const list = <Fault>(
    name: string,
    isOne: (value: unknown) => value is Fault,
    known: string,
  ): readonly Fault[] => {
    const value: unknown = (parsed as Record<string, unknown> | null)?.[name] ?? [];
    if (Array.isArray(value) && value.every(isOne)) return value;
    throw new GatewayRefusal(400, 'invalid_fault', `"${name}" must list ${known}`);
  };
  const known = `${NAMES.join(', ')} or delay:ms (at most ${DELAY_MAX_MS})`;
  return {
    next: list('next', isGatewayFault, known),
    lookups: list('lookups', isGatewayFault, known),
    notices: list('notices', isNoticeFault, 'lost, duplicate or late:ms'),
  };
}
