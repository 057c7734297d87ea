import { Ladder, type LocalWorld } from '@sordino/testkit';

/** Legs 5 and 7 as they crossed the platform's sockets, without times. `from`: leave out so many messages. */
export function platformLadder({ parts: { platform, customer, agent } }: LocalWorld, from = 0): string {
  const others = new Set([customer, agent].map((phone) => phone.uri().replace(/^.*@([^;]+).*$/, '$1')));
  const ladder = new Ladder({ columns: ['platform', 'sordino'] });
  for (const { atMs, direction, flow, text } of platform.report().sip.slice(from)) {
    const peer = `${flow.remote.host}:${flow.remote.port}`;
    if (others.has(peer)) continue;
    const [sender, receiver] = direction === 'out' ? ['platform', 'sordino'] : ['sordino', 'platform'];
    ladder.message({ atMs, from: sender, to: receiver, text });
  }
  return ladder.shape();
}
