import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { nodeScheduler } from './node-scheduler.ts';
import { header, response, SDP } from './test-support/messages.ts';
import { hurrySipJs } from './test-support/quick-time.ts';
import { Notes, type Party, Scene } from './test-support/scene.ts';

const scene = new Scene();
afterEach(() => scene.close());
beforeAll(() => hurrySipJs());

const point = (protocol: 'udp' | 'tcp', port: number) => ({ protocol, host: '127.0.0.1', port }) as const;
/** In real time: a busy machine is no peer that takes no TCP. */
const both = { listen: [point('udp', 0), point('tcp', 0)], scheduler: nodeScheduler };
const LONG = SDP('us') + 'a=x-long:y\r\n'.repeat(80);

/** Listens on one port over both. */
async function peerOnBoth(): Promise<Party> {
  for (;;) {
    const udp = await scene.party('udp');
    const { port } = udp;
    await udp.sip.close();
    try {
      return await scene.party('udp', { listen: [point('udp', port), point('tcp', port)] });
    } catch {
      // Somebody else has that port over TCP.
    }
  }
}

function invite(us: Party, target: string, offer: string): Notes {
  const notes = new Notes();
  us.sip.invite({ target, offer, answerTimeoutMs: 60_000 }, notes.handlers);
  return notes;
}

describe('a request that is too long for UDP (RFC 3261 §18.1.1)', () => {
  it('goes by TCP where the URI does not say UDP; a short one does not', async () => {
    const us = await scene.party('udp', both);
    const peer = await peerOnBoth();
    const short = invite(us, `sip:short@127.0.0.1:${peer.port}`, SDP('us'));
    const first = await peer.nextCall();
    expect(first.invite.source.transport).toBe('udp');
    first.leg.reject(486);
    await short.next('ended');
    const long = invite(us, `sip:long@127.0.0.1:${peer.port}`, LONG);
    const second = await peer.nextCall();
    expect(second.invite.source.transport).toBe('tcp');
    expect(second.invite.sdp).toBe(LONG);
    second.leg.accept(SDP('peer'));
    await long.next('answered');
    await second.notes.next('acknowledged');
    const named = invite(us, `sip:named@127.0.0.1:${peer.port};transport=udp`, LONG);
    const third = await peer.nextCall();
    expect(third.invite.source.transport).toBe('udp');
    third.leg.reject(486);
    await named.next('ended');
  });

  it('goes by UDP after all to a peer that takes no TCP, and asks it once', async () => {
    const us = await scene.party('udp', both);
    const raw = await scene.rawUdp(us.sip.local('udp')?.port ?? 0);
    for (const user of ['one', 'two']) {
      const notes = invite(us, `sip:${user}@127.0.0.1:${raw.port}`, LONG);
      const message = await raw.next(`INVITE sip:${user}`);
      expect(header(message, 'Via')).toMatch(/^SIP\/2\.0\/UDP /);
      raw.send(response(message, 486));
      expect((await notes.next('ended')).end).toMatchObject({ status: 486 });
    }
    const overTcp = us.trace.filter(({ flow }) => flow.protocol === 'tcp');
    expect(overTcp.map(({ text }) => text.split(' ', 2).join(' '))).toEqual([
      `INVITE sip:one@127.0.0.1:${raw.port}`,
    ]);
  });
});
