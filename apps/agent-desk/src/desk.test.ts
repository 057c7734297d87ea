import { describe, expect, it } from '@jest/globals';
import type { CreateSessionBody } from '@sordino/core';
import { Desk } from './desk.ts';
import {
  aField,
  anError,
  aSession,
  ScriptedClient,
  SESSION,
  settle,
} from './test-support/scripted-client.ts';

const ORDER: CreateSessionBody = {
  call: { platform: 'plt_main', call_id: 'e-91' },
  intent: { type: 'charge', amount: 4_999, currency: 'gbp' },
};

function aDesk() {
  const client = new ScriptedClient();
  let keys = 0;
  const desk = new Desk(
    client,
    () => {},
    () => {
      keys += 1;
      return `key-${keys}`;
    },
  );
  return { client, desk };
}

async function started() {
  const { client, desk } = aDesk();
  client.session = aSession({ status: 'awaiting_media', topology: 'original' });
  await desk.start(ORDER);
  return { client, desk };
}

describe('the desk', () => {
  it('asks for one field after another, by itself', async () => {
    const { client, desk } = await started();
    expect(desk.state.banner).toBe('Securing the call. Keep talking; no digits yet.');
    client.tell('session.ready', { status: 'ready', topology: 'engaged' });
    await settle();
    const fields = [
      aField('card_number', { state: 'captured', length: 16 }),
      aField('expiry'),
      aField('cvc'),
    ];
    client.tell('field.captured', { status: 'ready', fields });
    await settle();
    expect(client.asked).toEqual(['create', 'read', 'collect card_number', 'read', 'collect expiry']);
  });

  it('asks once, however many events of the past are replayed to a page that is loaded again', async () => {
    const { client, desk } = aDesk();
    client.session = aSession({
      fields: [aField('card_number', { state: 'captured', length: 16 }), aField('expiry'), aField('cvc')],
    });
    await desk.resume(SESSION);
    for (const type of ['session.ready', 'field.collecting', 'field.captured'] as const) client.tell(type);
    await settle();
    expect(client.asked.filter((verb) => verb.startsWith('collect'))).toEqual(['collect expiry']);
  });

  it('does not ask for a field that the customer failed: the agent decides', async () => {
    const { client } = await started();
    const fields = [aField('card_number', { state: 'rejected', length: 16, code: 'invalid_card_number' })];
    client.tell(
      'field.rejected',
      { status: 'ready', topology: 'engaged', fields },
      { message: 'a digit is wrong' },
    );
    await settle();
    expect(client.asked.filter((verb) => verb.startsWith('collect'))).toEqual([]);
  });

  it('shows what to say after a rejected field, until the next one is collected', async () => {
    const { client, desk } = await started();
    const fields = [aField('card_number', { state: 'rejected', code: 'invalid_card_number' })];
    client.tell(
      'field.rejected',
      { status: 'ready', topology: 'engaged', fields },
      { message: 'a digit is wrong' },
    );
    await settle();
    expect(desk.state).toMatchObject({
      banner: 'The card number was not accepted. Ask for it again.',
      hint: 'a digit is wrong',
      tone: 'bad',
    });
    client.tell('field.collecting', {
      status: 'collecting',
      fields: [aField('card_number', { state: 'collecting' })],
    });
    await settle();
    expect(desk.state).toMatchObject({ hint: null, banner: 'Secured. The customer keys the card number.' });
  });

  it('never lets an older answer win', async () => {
    const { client, desk } = await started();
    client.held = [];
    client.tell('field.progress', { status: 'collecting', topology: 'engaged' });
    client.tell('payment.approved', { status: 'approved' });
    // One read is under way with the old state; the next begins only when it is back.
    expect(client.held).toHaveLength(1);
    client.held.shift()?.();
    await settle();
    expect(desk.state.session?.status).toBe('collecting');
    client.held.shift()?.();
    await settle();
    expect(desk.state.session?.status).toBe('approved');
  });

  it('stops following when nothing can change any more', async () => {
    const { client } = await started();
    client.tell('payment.approved', { status: 'approved', topology: 'engaged' });
    await settle();
    expect(client.following?.aborted).toBe(false);
    client.tell('session.restored', { topology: 'restored' });
    await settle();
    expect(client.following?.aborted).toBe(true);
  });

  it('says what the API refuses, and whether the call is safe', async () => {
    const { client, desk } = await started();
    client.next = anError('wait for session.ready');
    await desk.collect('cvc');
    expect(desk.state).toMatchObject({ banner: 'wait for session.ready', tone: 'bad', asking: false });
    client.next = anError('the call ended', false);
    await desk.restore();
    expect(desk.state.banner).toBe('the call ended The call may be affected.');
  });

  it('uses the same key again only while the answer to it is lost', async () => {
    const { client, desk } = await started();
    client.tell('session.ready_to_confirm', { status: 'ready_to_confirm', topology: 'engaged' });
    await settle();
    client.next = 'lost';
    await desk.confirm();
    expect(desk.state.banner).toBe('Sordino does not answer. The call goes on. Try again.');
    await desk.confirm();
    await desk.confirm();
    const [, lost, again, later] = client.keys;
    expect(again).toBe(lost);
    expect(later).not.toBe(lost);
  });

  it('says when nothing answers any more, and takes it back when it does', async () => {
    const { client, desk } = await started();
    client.next = 'lost';
    desk.check();
    await settle();
    expect(desk.state).toMatchObject({ banner: 'Sordino does not answer. The call goes on.', tone: 'bad' });
    desk.check();
    await settle();
    expect(desk.state).toMatchObject({
      banner: 'Securing the call. Keep talking; no digits yet.',
      tone: 'busy',
    });
  });

  it('takes old advice away when the call goes back', async () => {
    const { client, desk } = await started();
    client.tell(
      'field.hint',
      { status: 'collecting', topology: 'engaged' },
      { message: 'watch the digit count' },
    );
    client.tell('session.restoring', { topology: 'restoring' });
    await settle();
    expect(desk.state.hint).toBeNull();
  });

  it('takes no second press while the first is on its way', async () => {
    const { client, desk } = await started();
    await Promise.all([desk.confirm(), desk.confirm(), desk.cancel()]);
    expect(client.asked).toEqual(['create', 'confirm']);
  });

  it('does nothing without a session', async () => {
    const { client, desk } = aDesk();
    await desk.confirm();
    await desk.collect('cvc');
    expect(client.asked).toEqual([]);
  });
});
