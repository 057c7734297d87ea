import { randomInt } from 'node:crypto';
import type { Log, Scheduler } from '@sordino/core';
import type {
  OutgoingRefer,
  ReferAttempt,
  ReferHandlers,
  ReferRequest,
  SipDialogId,
} from '@sordino/interception';
import type {
  IncomingResponse,
  OutgoingRequestDelegate,
  OutgoingRequestMessage,
  SessionDialog,
} from 'sip.js/lib/core/index.js';
import type { EdgeCore } from '../core/edge-core.ts';
import { EdgeResponse } from '../core/edge-message.ts';
import { headerLines } from '../core/header-lines.ts';
import { ALLOW_LINE } from '../core/screening.ts';
import { makeCallId, makeTag } from '../core/tokens.ts';
import { WireUri } from '../core/wire-uri.ts';
import { referToValue, targetDialogValue } from './replaces.ts';
import { ReferSubscription, type Subscriptions } from './subscription.ts';

/** How long a REFER that is over stays known: its last NOTIFY is repeated for 64*T1 when our answer to it was lost. */
const REPETITIONS_MS = 32_000;

/** RFC 4488 §5: a 2xx that makes no subscription is understood. */
const NO_SUBSCRIPTION = 'norefersub';

/** What a REFER uses of the endpoint. */
export interface ReferContext {
  readonly core: EdgeCore;
  readonly scheduler: Scheduler;
  readonly log: Log;
  readonly subscriptions: Subscriptions;
}

/** Outside a dialog nobody holds yet what the REFER may have to sign in with. */
export interface OutsideReferContext extends ReferContext {
  hold(callId: string): () => void;
}

/** REFER outside a dialog (RFC 3515), which names the dialog that it is about (RFC 4538). */
export function sendRefer(
  context: OutsideReferContext,
  request: OutgoingRefer,
  target: WireUri,
  handlers: ReferHandlers,
): ReferAttempt {
  const callId = makeCallId();
  const fromTag = makeTag();
  const release = context.hold(callId);
  const send = (delegate: OutgoingRequestDelegate): OutgoingRequestMessage => {
    const { core } = context;
    const from = WireUri.parse(request.from ?? core.contactUri);
    if (from === undefined) throw new TypeError(`From ${JSON.stringify(request.from)} is not a sip URI`);
    const cseq = randomInt(1, 2 ** 16);
    const message = core.makeOutgoingRequestMessage(
      'REFER',
      target,
      from,
      target,
      { callId, fromTag, cseq, optionTags: [NO_SUBSCRIPTION, 'tdialog'] },
      [core.contactLine, ...linesOf(core, request, request.targetDialog)],
    );
    // C2: whatever cannot be printed must fail here, before a transaction has armed its timers.
    message.toString();
    core.request(message, delegate);
    return message;
  };
  return follow(context, callId, fromTag, request, handlers, send, release);
}

/** REFER inside the dialog of a leg: whoever gets it has this call. */
export function sendReferInDialog(
  context: ReferContext,
  dialog: SessionDialog,
  request: ReferRequest,
  handlers: ReferHandlers,
): ReferAttempt {
  const { callId, localTag } = dialog;
  return follow(context, callId, localTag, request, handlers, (delegate) => {
    const extraHeaders = [
      context.core.contactLine,
      `Supported: ${NO_SUBSCRIPTION}`,
      ...linesOf(context.core, request, undefined),
    ];
    return dialog.refer(delegate, { extraHeaders }).message;
  });
}

/** A REFER that cannot be sent: told on a later turn, as of any other that comes to nothing. */
export function cannotRefer(handlers: ReferHandlers, problem: string): ReferAttempt {
  let told = false;
  queueMicrotask(() => {
    if (!told) handlers.ended({ how: 'lost', status: undefined, reason: problem });
    told = true;
  });
  return {
    callId: '',
    giveUp: () => {
      told = true;
    },
  };
}

function linesOf(core: EdgeCore, request: ReferRequest, target: SipDialogId | undefined): string[] {
  return [
    `Refer-To: ${referToValue(request.referTo, request.replaces)}`,
    // RFC 3892 §2.1: who asks for it.
    `Referred-By: <${core.contactUri}>`,
    // RFC 4538 §3: never required, since few platforms know it.
    ...(target === undefined ? [] : [`Target-Dialog: ${targetDialogValue(target)}`]),
    ALLOW_LINE,
    ...headerLines(request.headers),
  ];
}

function follow(
  { scheduler, log, subscriptions }: ReferContext,
  callId: string,
  localTag: string,
  request: ReferRequest,
  handlers: ReferHandlers,
  send: (delegate: OutgoingRequestDelegate) => OutgoingRequestMessage,
  release: () => void = () => {},
): ReferAttempt {
  const subscription = new ReferSubscription({
    scheduler,
    notifyTimeoutMs: request.notifyTimeoutMs,
    handlers,
    over: () => {
      release();
      scheduler.after(REPETITIONS_MS, () => subscriptions.remove(callId, localTag, subscription));
    },
    failed: (error) => log.error('a REFER handler failed', { call_id: callId, error: String(error) }),
  });
  const refused = (response: IncomingResponse): void => refusedBy(subscription, response);
  try {
    // Before it is sent: on loopback a NOTIFY can be here first.
    subscriptions.add(callId, localTag, subscription);
    subscription.refer = send({
      onAccept: (response) => acceptedBy(subscription, response),
      onRedirect: refused,
      onReject: refused,
    });
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    log.warn('REFER cannot be sent', { call_id: callId, problem });
    queueMicrotask(() => subscription.end({ how: 'lost', status: undefined, reason: problem }));
  }
  return { callId, giveUp: () => void subscription.giveUp() };
}

function acceptedBy(subscription: ReferSubscription, { message }: IncomingResponse): void {
  const headers = message instanceof EdgeResponse ? message.parsed.headers : [];
  const referSub = headers.find(({ name }) => name === 'Refer-Sub')?.value ?? 'true';
  subscription.accepted(message.statusCode ?? 202, message.toTag, !/^false\b/i.test(referSub));
}

function refusedBy(subscription: ReferSubscription, { message }: IncomingResponse): void {
  const status = message.statusCode;
  if (message instanceof EdgeResponse) {
    subscription.end({ how: 'refused', status, reason: message.explanation });
  } else if (status === 408) {
    // RFC 3261 §8.1.3.1: sip.js makes a 408 of timer F and a 503 of a transport error.
    subscription.end({ how: 'no_answer', status: undefined, reason: undefined });
  } else {
    subscription.end({ how: 'lost', status: undefined, reason: 'cannot be sent' });
  }
}
