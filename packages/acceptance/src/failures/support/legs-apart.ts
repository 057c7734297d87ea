import { Ladder, type PlatformReport } from '@sordino/testkit';
import type { CallScene } from '../../scene/call-scene.ts';
import { headerOf } from './prober.ts';

type Message = PlatformReport['sip'][number];

/** What crossed between platform and Sordino, as the platform saw it. */
export function withSordino(scene: Pick<CallScene, 'world'>): readonly Message[] {
  const { platform, customer, agent } = scene.world.parts;
  const phones = [customer, agent].map((phone) => phone.uri().replace(/^.*@([^;]+).*$/, '$1'));
  return platform
    .report()
    .sip.filter(({ flow }) => !phones.includes(`${flow.remote.host}:${flow.remote.port}`));
}

function titleOf(first: Message | undefined): string {
  if (first?.text.startsWith('REFER ')) return '== REFER ==';
  if (first !== undefined && /^Replaces: /m.test(first.text)) return '== leg 5, taken ==';
  return first?.direction === 'out' ? '== leg 5 ==' : '== leg 7 ==';
}

/**
 * Legs 5 and 7, and the REFER that asked for them, one after the other. For rows in which both are busy at once: which of two messages on two legs is first is then the
 * machine's to say, and the same in no two runs.
 */
export function legsApart(scene: Pick<CallScene, 'world'>): string {
  const legs = new Map<string, Message[]>();
  for (const message of withSordino(scene)) {
    const [callId = ''] = headerOf(message.text, 'Call-ID');
    // Of no leg: Sordino asks now and then whether the platform is there.
    if (headerOf(message.text, 'CSeq')[0]?.endsWith('OPTIONS')) continue;
    legs.set(callId, [...(legs.get(callId) ?? []), message]);
  }
  const ladder = new Ladder({ columns: ['platform', 'sordino'] });
  let atMs = 0;
  for (const messages of legs.values()) {
    ladder.note({ atMs, label: titleOf(messages[0]) });
    for (const { direction, text } of messages) {
      atMs += 1;
      const [from, to] = direction === 'out' ? ['platform', 'sordino'] : ['sordino', 'platform'];
      ladder.message({ atMs, from, to, text });
    }
    atMs += 1;
  }
  return ladder.shape();
}
