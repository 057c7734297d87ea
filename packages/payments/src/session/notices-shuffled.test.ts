import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { NoticeItem } from '../gateways/notice.ts';
import { PLAIN_CAPABILITIES } from '../test-support/charge-trace.ts';
import { aPaymentSession, CONNECTOR, type Scene, World } from '../test-support/payment-session.ts';

const RUNS = 12;

/** A charge whose answer was lost and found, and a refund of it that the gateway has only taken note of. */
async function refundUnderWay(): Promise<Scene> {
  const world = new World();
  world.gateway.capabilities = { ...PLAIN_CAPABILITIES, refund: true };
  world.gateway.charges = [() => ({ kind: 'approved', authCode: 'A1B2C3', token: null, gatewayId: 'ch_1' })];
  world.gateway.stepAnswers = [{ kind: 'pending', gatewayId: 're_1' }];
  const scene = await aPaymentSession().in(world).readyToConfirm().build();
  await scene.agent.confirms();
  await scene.agent.operates('refund', 'k1', 1_000);
  return scene;
}

interface Message {
  readonly item: NoticeItem;
  readonly signature: 'ok' | 'forged';
}

/** What a gateway may send of it, and what a forger may. */
function messagesOf(key: string): readonly Message[] {
  const true_ = (id: string, tells: NoticeItem['tells']): Message => ({
    item: { id, about: { key }, tells },
    signature: 'ok',
  });
  const approved = { kind: 'approved', authCode: 'A1B2C3', token: null, gatewayId: 'ch_1' } as const;
  const refund = (kind: 'pending' | 'done' | 'unknown') =>
    ({
      of: 'refund',
      key: null,
      outcome: kind === 'unknown' ? { kind, code: 'x' } : { kind, gatewayId: 're_1' },
    }) as const;
  const forged = (tells: NoticeItem['tells']): Message => ({ ...true_('f', tells), signature: 'forged' });
  return [
    true_('a', { of: 'charge', outcome: approved }),
    true_('a', { of: 'charge', outcome: approved }),
    true_('b', { of: 'charge', outcome: approved }),
    true_('c', { of: 'charge', outcome: { kind: 'unknown', code: 'x' } }),
    true_('p', refund('pending')),
    true_('d', refund('done')),
    true_('d', refund('done')),
    true_('e', refund('done')),
    true_('u', refund('unknown')),
    forged({ of: 'charge', outcome: { kind: 'declined', declineCode: 'x' } }),
    forged({ of: 'refund', key: null, outcome: { kind: 'refused', code: 'x' } }),
  ];
}

it('notices in any order, doubled, and among forged ones, come to the same end, each thing told once', async () => {
  const order = fc.shuffledSubarray(
    messagesOf('').map((_, at) => at),
    { minLength: 11, maxLength: 11 },
  );
  await fc.assert(
    fc.asyncProperty(order, async (places) => {
      const scene = await refundUnderWay();
      const messages = messagesOf(scene.world.gateway.requests[0]?.key ?? '');
      for (const place of places) {
        const { item, signature } = messages[place] as Message;
        const body = new TextEncoder().encode(JSON.stringify([item]));
        const result = await scene.world.service.notice(CONNECTOR, {
          headers: { signature },
          body,
          nowMs: 0,
        });
        expect(result.kind).toBe(signature === 'ok' ? 'taken' : 'refused');
      }
      await scene.world.settled();
      expect(scene.session.status).toBe('approved');
      expect(scene.world.store.operations(scene.id).map(({ kind, state }) => [kind, state])).toEqual([
        ['refund', 'done'],
      ]);
      expect(scene.story.filter((type) => type.startsWith('payment.'))).toEqual([
        'payment.processing',
        'payment.approved',
        'payment.refunded',
      ]);
      expect(scene.events.map(({ seq }) => seq)).toEqual(scene.events.map((_, at) => at + 1));
    }),
    { numRuns: RUNS },
  );
}, 60_000);
