import { describe, expect, it } from '@jest/globals';
import { answerOf, aSessionBody, CallScene } from '../scene/call-scene.ts';

const NUMBER = '+442039000417';

describe('one-time numbers of a platform that can dial nothing else', () => {
  it('are one session each, and rest after it, so that a late INVITE meets nobody', async () => {
    await using scene = await CallScene.open({ platform: { number_pool: [NUMBER], number_required: true } });
    const { session, follower } = await scene.createSession();
    expect(session.rendezvous?.e164).toBe(NUMBER);
    const pool = async () => answerOf(await scene.client.platform('plt_main')).e164_pool;
    expect(await pool()).toEqual({ size: 1, free: 0, cooling: 0, required: true });

    const another = aSessionBody({ call: { ...aSessionBody().call, call_id: 'e-92' } });
    const exhausted = await scene.client.create(another, crypto.randomUUID());
    expect(exhausted).toMatchObject({
      ok: false,
      status: 503,
      error: { code: 'number_pool_exhausted', retryable: true, call_safe: true },
    });

    answerOf(await scene.client.cancel(session.id));
    await follower.until('session.canceled');
    expect(await pool()).toEqual({ size: 1, free: 0, cooling: 1, required: true });
    expect(await scene.client.create(another, crypto.randomUUID())).toMatchObject({ status: 503 });
    const late = await scene.world.platform.divert({
      sordino: { sip_uri: session.rendezvous?.sip_uri ?? '', e164: NUMBER },
      match: 'e164',
      offer: 'none',
      correlation: 'late',
    });
    expect(late).toMatchObject({ engaged: false, status: 404 });
  });
});
