import { describe, expect, it } from '@jest/globals';
import { aPaymentSession, CALLER } from '../test-support/payment-session.ts';

const CARD = '4242424242424242';
const CVC = '739';

/** How a number could hide in text or bytes: plain, with separators, in base64 or hex, as a list of digits or of their codes. */
function formsOf(digits: string): string[] {
  const codes = [...digits].map((digit) => digit.charCodeAt(0));
  return [
    digits,
    ...[' ', '-', '.', ',', ', '].flatMap((separator) => [
      digits.match(/.{1,4}/g)?.join(separator) ?? digits,
      [...digits].join(separator),
      codes.join(separator),
    ]),
    Buffer.from(digits).toString('base64').replaceAll('=', ''),
    Buffer.from(digits).toString('hex'),
    Buffer.from(digits, 'utf16le').toString('hex'),
    // As JSON prints a typed array.
    codes.map((code, at) => `"${at}":${code}`).join(','),
    [...digits].map((digit, at) => `"${at}":${digit}`).join(','),
  ].filter((form) => form.length >= digits.length);
}

const found = (digits: string, haystack: string): string[] =>
  [...new Set(formsOf(digits))].filter((form) => haystack.includes(form));

/** A security code is three digits: only whole values count, or every timestamp and every base32 id would. */
const foundCode = (haystack: string): boolean =>
  new RegExp(`(?<![0-9a-z])${CVC}(?![0-9a-z])`).test(haystack) ||
  haystack.includes([...CVC].map((digit) => digit.charCodeAt(0)).join(','));

async function aWholePayment() {
  const scene = await aPaymentSession().readyToConfirm({ cvc: CVC }).build();
  const answers: unknown[] = [scene.created, scene.session];
  scene.world.gateway.charges = [() => ({ kind: 'declined', declineCode: 'generic_decline' })];
  answers.push(await scene.agent.confirms());
  for (const [field, keys] of [
    ['card_number', '4242 4242 4242 4243'],
    ['expiry', '1230'],
    ['cvc', CVC],
  ] as const) {
    answers.push(await scene.agent.collects(field));
    await scene.customer.key(keys);
  }
  answers.push(await scene.agent.clears('card_number', 1));
  await scene.customer.key('2');
  answers.push(await scene.agent.confirms(), await scene.agent.cancels(), await scene.agent.restores());
  await scene.call('restoring', 'approved');
  await scene.call('restored');
  answers.push(
    scene.session,
    scene.world.service.list(CALLER, { limit: 10 }),
    scene.world.service.events(CALLER, scene.id, 0, 100),
    await scene.world.service.legs(CALLER, scene.id),
  );
  expect(scene.session.status).toBe('approved');
  return { scene, answers };
}

describe('the card of a whole payment', () => {
  it('is in no record, event, log line or answer, in no form', async () => {
    const { scene, answers } = await aWholePayment();
    const { world, heard } = scene;
    const everything: Record<string, string> = {
      records: JSON.stringify(world.store.changes),
      events: JSON.stringify(heard),
      log: world.logLines.join('\n'),
      answers: JSON.stringify(answers),
      requests: JSON.stringify([world.gateway.requests, world.gateway.queries]),
      calls: JSON.stringify([...world.calls.expected.values(), world.calls.restores]),
    };
    for (const [place, text] of Object.entries(everything)) {
      expect([place, found(CARD, text)]).toEqual([place, []]);
      expect([place, foundCode(text)]).toEqual([place, false]);
    }
    // The search looked at something: the last four are allowed, and are there.
    expect(everything.records).toContain('"last4":"4242"');
    expect(everything.events).toContain('payment.approved');
  });

  it('is found by the same search wherever it is planted', () => {
    const bytes = new TextEncoder().encode(CARD);
    for (const planted of [
      `{"note":"${CARD}"}`,
      '4242 4242 4242 4242',
      '4242-4242-4242-4242',
      JSON.stringify({ bytes }),
      JSON.stringify([...bytes]),
      JSON.stringify([...CARD].map(Number)),
      Buffer.from(bytes).toString('hex'),
      Buffer.from(bytes).toString('base64'),
    ])
      expect([planted, found(CARD, planted).length]).not.toEqual([planted, 0]);
    for (const planted of [`{"cvc":"${CVC}"}`, `code=${CVC}&`, '[55,51,57]'])
      expect([planted, foundCode(planted)]).toEqual([planted, true]);
  });

  it('was with the gateway during each charge and is nowhere in memory afterwards', async () => {
    const { scene } = await aWholePayment();
    const { world } = scene;
    const seen = world.gateway.cardsSeen.map(({ number, cvc }) => [
      new TextDecoder().decode(number),
      new TextDecoder().decode(cvc),
    ]);
    // The planted control: the digits really were in these buffers.
    expect(seen).toEqual([
      [CARD, CVC],
      [CARD, CVC],
    ]);
    // One to hash in, one for the session, one for each charge.
    expect(world.cardBuffers.map(({ length }) => length)).toEqual([2_048, 512, 512, 512]);
    for (const buffer of world.cardBuffers) expect(buffer.every((byte) => byte === 0)).toBe(true);
    for (const view of world.gateway.views)
      expect([...view.number, ...view.expiry, ...view.cvc].every((byte) => byte === 0)).toBe(true);
  });
});
