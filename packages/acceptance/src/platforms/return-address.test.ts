import { describe, expect, it } from '@jest/globals';
import { RETURN_HEADER } from '@sordino/testkit';
import { bothTalk, nothingOpen, worksAgain } from '../failures/support/aftermath.ts';
import { answerOf, aSessionBody, CALL_ID, CallScene, HOST } from '../scene/call-scene.ts';

/** A known host where nobody takes a call. */
const ELSEWHERE = `sip:return@${HOST}:9`;

describe('the return address of leg 7', () => {
  it('is that of a header of INVITE 5, where the profile names one', async () => {
    await using scene = await CallScene.open({
      platform: { return_uri: ELSEWHERE, return_header: RETURN_HEADER },
    });
    const { session } = await scene.readySession({
      call: { ...aSessionBody().call, return_uri: `${ELSEWHERE};from=session` },
    });
    const legs = answerOf(await scene.client.legs(session.id)).data;
    expect(legs.find(({ role }) => role === 'leg7_out')?.sip?.status).toBe(200);
  });

  it('is that of the session, before that of the configuration', async () => {
    await using scene = await CallScene.open({ platform: { return_uri: ELSEWHERE } });
    const return_uri = scene.world.platform.returnUri.udp;
    const { session } = await scene.readySession({
      call: { platform: 'plt_main', call_id: CALL_ID, return_uri },
    });
    expect(session.call.return_uri).toBe(return_uri);
  });

  it('of a session is refused at create when its host is not configured', async () => {
    await using scene = await CallScene.open();
    for (const return_uri of ['sip:x@192.0.2.66', `sip:x@${HOST};maddr=192.0.2.66`]) {
      const call = { platform: 'plt_main', call_id: CALL_ID, return_uri };
      expect(await scene.client.create(aSessionBody({ call }), crypto.randomUUID())).toMatchObject({
        ok: false,
        status: 400,
        error: { code: 'return_address_not_allowed', param: 'call.return_uri', call_safe: true },
      });
    }
    const call = { platform: 'plt_main', call_id: CALL_ID, return_uri: 'sip:4242424242424242@127.0.0.1' };
    expect(await scene.client.create(aSessionBody({ call }), crypto.randomUUID())).toMatchObject({
      status: 400,
    });
  });

  it('of a header is refused with 403 when its host is not configured, and no packet leaves for it', async () => {
    const sent: string[] = [];
    await using scene = await CallScene.open({
      platform: { return_header: 'X-Return' },
      trace: ({ direction, text }) => {
        if (direction === 'out') sent.push(text);
      },
    });
    const { session, follower } = await scene.createSession();
    const leg5Headers = [['X-Return', '<sip:x@192.0.2.66>']] as const;
    expect(await scene.divert(session, { leg5Headers })).toMatchObject({ engaged: false, status: 403 });
    const failed = await follower.until('session.failed');
    expect(failed.data).toMatchObject({
      code: 'return_address_not_allowed',
      call_safe: true,
      leg: 'leg5_in',
    });
    expect(sent.filter((text) => text.startsWith('INVITE '))).toEqual([]);
    expect(sent.find((text) => text.startsWith('SIP/2.0 403'))).toMatch(/\r\nReason: SIP ;cause=403 ;text=/);
    await scene.world.platform.untilOver();
    await bothTalk(scene);
    await nothingOpen(scene);
    // The platform says the same wrong address again only when it is told to.
    await worksAgain(scene);
  });
});
