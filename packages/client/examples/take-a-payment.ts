/**
 * A payment in a live call, as the server of a contact centre runs it. SORDINO_URL, SORDINO_KEY and CALL_ID come from outside; the platform
 * brings the call to `rendezvous.sip_uri`, and the customer keys the card.
 */
import { createClient, type FieldName, SordinoApiError } from '@sordino/client';

const { SORDINO_URL = 'http://127.0.0.1:8080', SORDINO_KEY = '', CALL_ID = 'e-91' } = process.env;
const sordino = createClient({ baseUrl: SORDINO_URL, credential: SORDINO_KEY });

const session = await sordino.createSession({
  body: {
    call: { platform: 'plt_main', call_id: CALL_ID },
    intent: { type: 'charge', amount: 4_999, currency: 'gbp', reference: 'INV-7' },
    fields: ['card_number', 'expiry', 'cvc'],
  },
});
console.log(`bring the call to ${session.rendezvous?.sip_uri}`);

const waiting: FieldName[] = ['card_number', 'expiry', 'cvc'];
const collectNext = async (): Promise<void> => {
  const name = waiting.shift();
  if (name === undefined) return;
  await sordino.collectField({ path: { id: session.id, name } });
  console.log(`collecting ${name}`);
};

try {
  for await (const { type, data } of sordino.followEvents(session.id)) {
    // Not before `session.ready` may anybody say "key your card".
    if (type === 'session.ready') await collectNext();
    if (type === 'field.captured') {
      console.log(`captured ${data.field} ${data.last4 ?? ''}`.trim());
      await collectNext();
    }
    if (type === 'field.rejected') console.log(`say to the customer: ${data.message}`);
    if (type === 'session.ready_to_confirm') {
      // Your own key, kept with the invoice: after a crash the same one cannot charge twice.
      const paid = await sordino.confirmSession({
        path: { id: session.id },
        idempotencyKey: `INV-7-${session.id}`,
      });
      console.log(`payment ${paid.status}`);
      break;
    }
    if (['session.failed', 'session.expired', 'session.canceled', 'session.lost'].includes(type)) {
      console.log(`no payment: ${type}`);
      break;
    }
  }
} catch (error) {
  if (!(error instanceof SordinoApiError)) throw error;
  console.log(`${error.code}: ${error.message}${error.callSafe ? ' (go on talking)' : ''}`);
  process.exitCode = 1;
}
