import type { EgressRule } from '@sordino/app-payments';

/**
 * Where a connector's requests may go, cards and all: to its own address and to nothing else. `configured`: the operator named it, and
 * it may be inside; the gateway's own address is on the Internet. Without live mode what was configured is on this machine.
 */
export function egressOf(
  url: string,
  connector: { readonly livemode: boolean; readonly configured: boolean },
): EgressRule {
  const { livemode, configured } = connector;
  return {
    origins: [new URL(url).origin],
    reach: !configured ? 'public' : livemode ? 'any' : 'loopback',
  };
}
