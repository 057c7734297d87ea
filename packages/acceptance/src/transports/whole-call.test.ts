import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TestAuthority } from '@sordino/sip/testing';
import { bothTalk, nothingOpen } from '../failures/support/aftermath.ts';
import { answerOf, CallScene, HOST, type SceneOptions } from '../scene/call-scene.ts';

const CARD = [
  ['card_number', '4242424242424242#'],
  ['expiry', `12${String((new Date().getUTCFullYear() + 4) % 100)}`],
  ['cvc', '123'],
] as const;

/** Faster than people press, and well within what RFC 4733 and Q.24 ask for. */
const QUICKLY = { how: 'events', durationMs: 60, betweenKeysMs: 60 } as const;

/** Engage, key a card, charge, restore: the two people talk before and after. */
async function payOnce(options: SceneOptions): Promise<{ sip: readonly string[]; rendezvous: string }> {
  await using scene = await CallScene.open(options);
  const { session, follower } = await scene.readySession();
  for (const [field, digits] of CARD) {
    answerOf(await scene.client.collect(session.id, field));
    await scene.world.customer.press(digits, QUICKLY);
    await follower.until('field.captured', (event) => event.data.field === field);
  }
  await follower.until('session.ready_to_confirm');
  expect(answerOf(await scene.client.confirm(session.id, randomUUID())).status).toBe('approved');
  await follower.until('session.restored');
  expect(await scene.world.platform.untilOver()).toMatchObject({ how: 'restored' });
  await bothTalk(scene);
  await nothingOpen(scene);
  return { sip: scene.sordino.sip, rendezvous: session.rendezvous?.sip_uri ?? '' };
}

describe('a whole payment call', () => {
  let authority: TestAuthority;
  beforeAll(async () => {
    authority = await TestAuthority.make();
  });
  afterAll(() => authority.remove());

  it('over mutual TLS on legs 5 and 7', async () => {
    const platform = await authority.issue({ names: [`ip:${HOST}`, 'dns:platform.example.com'] });
    const { certFile, keyFile } = await authority.issue({ names: [`ip:${HOST}`] });
    const files = { ca_file: authority.caFile, cert_file: certFile, key_file: keyFile };
    const { sip, rendezvous } = await payOnce({
      transport: 'tls',
      world: { platform: { tls: { ...platform, caFile: authority.caFile } } },
      sip: {
        listen: [
          { protocol: 'tls', host: HOST, port: 0, tls: { ...files, client_certificates: 'required' } },
        ],
        tls_client: files,
      },
    });
    expect(sip).toEqual([expect.stringMatching(/^tls:127\.0\.0\.1:\d+$/)]);
    expect(rendezvous).toMatch(/^sip:.+@127\.0\.0\.1:\d+;transport=tls$/);
  });

  it('with SRTP on legs 6 and 7, keys in the SDP, and never a packet in the clear', async () => {
    await payOnce({ world: { srtp: true }, platform: { crypto: 'sdes' } });
  });

  it.each(['udp', 'tcp'] as const)('with its SIP on IPv6, over %s', async (transport) => {
    const { sip, rendezvous } = await payOnce({
      transport,
      world: { sipHost: '::1' },
      sip: { listen: [{ protocol: transport, host: '::1', port: 0 }] },
    });
    expect(sip).toEqual([expect.stringMatching(new RegExp(`^${transport}:\\[::1\\]:\\d+$`))]);
    expect(rendezvous).toMatch(/^sip:.+@\[::1\]:\d+;transport=/);
  });
});
