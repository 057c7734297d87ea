import { randomUUID } from 'node:crypto';
import type {
  EventEnvelope,
  FieldName,
  LegView,
  MaskAttestation,
  SessionClient,
  SessionObject,
} from '@sordino/core';
import { hostMsOfUnix, hostNowMs, SessionFollower, type World } from '@sordino/testkit';
import type { DemoOptions } from './demo-options.ts';

/** The cards of the demo: published test numbers. */
export const CARD_NUMBER = { approved: '4242424242424242', declined: '4000000000000002' } as const;
const SECURITY_CODE = '123';

/** A card that is good for four more years, as `MMYY`. */
function expiryDigits(): string {
  return `12${String((new Date().getUTCFullYear() + 4) % 100).padStart(2, '0')}`;
}

/** Long enough for the delay of the customer's audio to be measured on speech alone. */
const TALK_BEFORE_KEYS_MS = 2_500;

/** The people say goodbye to the payment; the gap of the way back is measured in here. */
const TALK_AFTER_RESTORE_MS = 2_000;

const CALL_ID = 'demo-call-1';

/** What happened in one payment, on the host's clock. */
export interface PaymentRecord {
  readonly session: SessionObject;
  readonly createdMs: number;
  readonly readyMs: number;
  /** The customer may key from here … */
  readonly keysFromMs: number;
  /** … and the result is here. */
  readonly resultMs: number;
  readonly restoringMs: number;
  readonly restoredMs: number;
  readonly digitsSent: number;
  readonly digitsCaptured: number;
  /** What Sordino itself says of leg 7. */
  readonly attestation: MaskAttestation;
  readonly events: readonly EventEnvelope[];
  readonly legs: readonly LegView[];
}

/** The agent's app, the platform and the customer play one payment; rejects with what did not happen. */
export async function playPayment(
  options: DemoOptions,
  world: World,
  client: SessionClient,
  cycle: number,
  onEvent: (event: EventEnvelope) => void,
): Promise<PaymentRecord> {
  const bringing = {
    offer: options.offer,
    correlation: `${CALL_ID}-${cycle}`,
    transport: options.transport,
    behaviour: {
      takesLeg7BeforeAnswer: options.commit === 'after_leg7',
      swapsTwice: options.offer === 'platform',
      swapsBackBeforeBye: options.offer === 'platform',
    },
  };
  const asked = options.start === 'refer' ? world.platform.takeRefer(bringing) : undefined;
  const dialog = asked && (await world.platform.dialog());
  const createdMs = hostNowMs();
  const created = value(
    'create',
    await client.create(
      {
        call: {
          platform: 'plt_main',
          call_id: CALL_ID,
          ani: '+447700900123',
          ...(dialog && {
            dialog: { call_id: dialog.callId, local_tag: dialog.localTag, remote_tag: dialog.remoteTag },
          }),
        },
        start: { method: asked ? 'refer' : 'await_invite' },
        intent: { type: 'charge', amount: 4_999, currency: 'gbp', reference: `INV-${cycle}` },
        agent: { id: 'a-77' },
      },
      randomUUID(),
    ),
  );
  if (created.rendezvous === null) throw new Error('the new session has no rendezvous');
  await using follower = new SessionFollower(client, created.id, onEvent);

  const divert = asked ?? world.platform.divert({ sordino: created.rendezvous, ...bringing });
  await follower.until('session.ready');
  // When the agent's app heard of it, not when Sordino says that it was.
  const readyMs = hostNowMs();
  const outcome = await divert;
  if (!outcome.engaged) throw new Error(`the platform was refused: ${outcome.status} ${outcome.reason}`);
  await pause(TALK_BEFORE_KEYS_MS);

  const keysFromMs = hostNowMs();
  const how = options.keys[(cycle - 1) % options.keys.length] ?? 'events';
  const keyed: [FieldName, string][] = [
    ['card_number', CARD_NUMBER[options.card]],
    ['expiry', expiryDigits()],
    ['cvc', SECURITY_CODE],
  ];
  for (const [field, digits] of keyed) {
    value(`collect ${field}`, await client.collect(created.id, field));
    // A Visa number may have 16, 18 or 19 digits: `#` says that it is complete, as the agent would ask for.
    await world.customer.press(field === 'card_number' ? `${digits}#` : digits, { how });
    await follower.until('field.captured', (event) => event.data.field === field);
  }
  await follower.until('session.ready_to_confirm');
  const complete = value('read', await client.read(created.id));
  const digitsCaptured = complete.fields.reduce((sum, { length }) => sum + length, 0);

  const confirmed = value('confirm', await client.confirm(created.id, randomUUID()));
  await follower.until(confirmed.status === 'approved' ? 'payment.approved' : 'payment.declined');
  const resultMs = hostNowMs();
  // After an approval the call goes back by itself; after a decline the agent decides, and gives up here.
  if (confirmed.status !== 'approved') value('restore', await client.restore(created.id));
  const restoring = await follower.until('session.restoring');
  await world.platform.untilOver();
  await follower.until('session.restored');
  const restoredMs = hostNowMs();
  const attested = await follower.until('mask.attested');
  await pause(TALK_AFTER_RESTORE_MS);

  const legs = value('legs', await client.legs(created.id)).data;
  return {
    session: value('read', await client.read(created.id)),
    createdMs,
    readyMs,
    keysFromMs,
    resultMs,
    restoringMs: hostMsOfUnix(restoring.created),
    restoredMs,
    digitsSent: keyed.reduce((sum, [, digits]) => sum + digits.length, 0),
    digitsCaptured,
    attestation: attested.data as unknown as MaskAttestation,
    events: follower.events,
    legs,
  };
}

function value<Value>(
  what: string,
  answer: { ok: true; value: Value } | { ok: false; status: number; error: { message: string } },
): Value {
  if (answer.ok) return answer.value;
  throw new Error(`${what} was answered ${answer.status}: ${answer.error.message}`);
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
