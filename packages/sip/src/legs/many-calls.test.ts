import { afterEach, describe, expect, it } from '@jest/globals';
import { nodeScheduler } from '../core/node-scheduler.ts';
import { SDP } from '../core/test-support/messages.ts';
import { until } from '../core/test-support/quick-time.ts';
import { Notes, Scene } from '../core/test-support/scene.ts';

const scene = new Scene();
afterEach(() => scene.close());

/** In real time: a burst that fills the socket buffers must not look like a network with a round trip of 42 ms. */
describe.each(['udp', 'tcp'] as const)('200 calls at once over %s', (protocol) => {
  it('are all set up and ended, and no leg or dialog is left', async () => {
    // Where the machine has other things to do, an answer may take long; this is about none being lost.
    const alice = await scene.party(protocol, { scheduler: nodeScheduler, timing: { byeAnswerMs: 30_000 } });
    const bob = await scene.party(protocol, {
      scheduler: nodeScheduler,
      onInvite: (leg, invite) => {
        queueMicrotask(() => leg.accept(SDP(invite.requestUser ?? '')));
        return { ended: () => {} };
      },
    });
    const calls = Array.from({ length: 200 }, (_, index) => {
      const notes = new Notes();
      const target = `sip:n${index}@127.0.0.1:${bob.port};transport=${protocol}`;
      const leg = alice.sip.invite({ target, offer: SDP('alice'), answerTimeoutMs: 30_000 }, notes.handlers);
      return { leg, notes, index };
    });
    await Promise.all(
      calls.map(async ({ leg, notes, index }) => {
        expect(await notes.next('answered')).toMatchObject({ sdp: SDP(`n${index}`) });
        leg.hangup();
        expect((await notes.next('ended')).end).toMatchObject({ by: 'us', how: 'bye', status: 200 });
      }),
    );
    for (const { sip } of [alice, bob]) {
      await until(
        () => `all legs are gone: ${JSON.stringify(sip.diagnostics())}`,
        () => {
          const { legs, dialogs, closingDialogs } = sip.diagnostics();
          return legs === 0 && dialogs === 0 && closingDialogs === 0;
        },
      );
    }
  });
});
