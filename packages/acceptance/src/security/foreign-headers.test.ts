import { describe, expect, it } from '@jest/globals';
import { answerOf, CallScene, type SceneOptions } from '../scene/call-scene.ts';

const NUMBER = '+15550100777';
const PAI = `"A Caller" <sip:${NUMBER}@carrier.example.com>`;

/** What a platform, the carriers before it, or an attacker may have in INVITE 5. */
const FOREIGN = [
  ['X-Other', 'internal-42'],
  ['X-Customer-Name', 'A. Caller'],
  ['P-Asserted-Identity', PAI],
  ['P-Preferred-Identity', PAI],
  ['P-Charging-Vector', 'icid-value=1'],
  ['Remote-Party-ID', PAI],
  ['Diversion', `<tel:${NUMBER}>;reason=unconditional`],
  ['History-Info', `<sip:${NUMBER}@carrier.example.com>;index=1`],
  ['Call-Info', '<https://carrier.example.com/photo.png>;purpose=icon'],
  ['Geolocation', '<cid:caller@carrier.example.com>'],
  ['Identity', 'eyJhbGciOiJFUzI1NiJ9..sig;info=<https://carrier.example.com/cert>'],
  ['Authentication-Info', 'nextnonce="agent"'],
  ['Subject', 'a secret'],
  ['Alert-Info', '<urn:alert:service:normal>'],
  ['User-to-User', '00c0ffee;encoding=hex'],
  ['Replaces', 'some-call;to-tag=1;from-tag=2;early-only'],
] as const;

/** All that INVITE 7 is made of; the allow-listed one last. */
const OURS = [
  'Via',
  'To',
  'From',
  'CSeq',
  'Call-ID',
  'Max-Forwards',
  'Contact',
  'Allow',
  'Session-Expires',
  'Min-SE',
  'Session-ID',
  'Supported',
  'User-Agent',
  'Content-Type',
  'Content-Length',
];

/** INVITE 7 of a call whose INVITE 5 has these headers. */
async function invite7(
  headers: readonly (readonly [string, string])[],
  platform: SceneOptions['platform'] = {},
): Promise<string> {
  await using scene = await CallScene.open({ platform });
  const { session, follower } = await scene.readySession({}, { leg5Headers: headers });
  const invite = scene.world.parts.platform
    .report()
    .sip.map(({ text }) => text)
    .find((text) => text.startsWith('INVITE ') && text.includes(`<sip:sordino@`));
  answerOf(await scene.client.restore(session.id));
  await follower.until('session.restored');
  if (invite === undefined) throw new Error('the platform saw no INVITE 7');
  return invite;
}

const namesOf = (message: string): string[] => {
  const [head = ''] = message.split('\r\n\r\n');
  return head
    .split('\r\n')
    .slice(1)
    .map((line) => line.slice(0, line.indexOf(':')).toLowerCase());
};
const header = (message: string, name: string): string | undefined =>
  new RegExp(`\\r\\n${name}: *([^\\r\\n]*)`, 'i').exec(message)?.[1];
const known = (...more: string[]): string[] =>
  [...OURS, 'X-Sim-Call', ...more].map((name) => name.toLowerCase());

describe('of an INVITE 5 full of foreign headers, INVITE 7 holds', () => {
  it('none but the allow-listed, and nothing of who calls', async () => {
    const invite = await invite7(FOREIGN);
    expect(namesOf(invite).sort()).toEqual(known().sort());
    expect(invite).not.toContain(NUMBER.slice(1));
    expect(header(invite, 'From')).toMatch(/^<sip:sordino@127\.0\.0\.1:\d+>;tag=/);
  });

  it('the asserted identity too, where the platform may know it', async () => {
    const invite = await invite7(FOREIGN, { trust_identity: true });
    expect(namesOf(invite).sort()).toEqual(known('P-Asserted-Identity').sort());
    expect(header(invite, 'P-Asserted-Identity')).toBe(PAI);
  });

  it('no identity at all for a caller who asked for privacy, not even an allow-listed one', async () => {
    const invite = await invite7([...FOREIGN, ['Privacy', 'id;critical']], {
      trust_identity: true,
      correlation_headers: ['X-Sim-Call', 'Diversion', 'Remote-Party-ID'],
    });
    expect(namesOf(invite).sort()).toEqual(known().sort());
    expect(invite).not.toContain(NUMBER.slice(1));
    expect(header(invite, 'From')).toMatch(/^<sip:anonymous@anonymous\.invalid>;tag=/);
  });

  it('our half of Session-ID, the same on both legs (RFC 7989)', async () => {
    await using scene = await CallScene.open();
    const { session, follower } = await scene.readySession();
    const [invite = '', ok = ''] = ['INVITE ', 'SIP/2.0 200 '].map((start) =>
      scene.world.parts.platform
        .report()
        .sip.map(({ text }) => text)
        .find((text) => text.startsWith(start) && header(text, 'Contact')?.includes('sip:sordino@')),
    );
    answerOf(await scene.client.restore(session.id));
    await follower.until('session.restored');
    const own = header(invite, 'Session-ID')?.split(';')[0];
    expect(own).toMatch(/^[0-9a-f]{32}$/);
    expect(header(ok, 'Session-ID')?.split(';')[0]).toBe(own);
    expect(header(ok, 'Call-ID')).not.toBe(header(invite, 'Call-ID'));
  });
});
