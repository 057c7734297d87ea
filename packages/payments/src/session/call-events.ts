import type { CallEvent } from '../ports/call-control.ts';
import type { ServiceContext } from './context.ts';
import { forgetIfOver, leave } from './departure.ts';
import { failClosed } from './fail-closed.ts';
import type { FieldDesk } from './field-desk.ts';
import type { EventDraft } from './ledger.ts';
import { PENDING_KEYS_MAX } from './limits.ts';
import type { SessionRecord } from './record.ts';
import { isBeforeCharge, nextPaymentStatus } from './status-machine.ts';

type Of<Type extends CallEvent['type']> = Extract<CallEvent, { type: Type }>;

/** Reasons that we gave ourselves when asking for the call to be handed back: the payment knows already. */
const OWN_REASONS = new Set(['approved', 'failed', 'canceled', 'requested', 'expired']);

/** Somebody hung up: nothing failed. */
const LEFT = new Set(['agent_left', 'customer_hangup']);

/** Takes what the call side reports, in each session's turn. Late and repeated reports change nothing. */
export class CallEvents {
  readonly #context: ServiceContext;
  readonly #desk: FieldDesk;

  constructor(context: ServiceContext, desk: FieldDesk) {
    this.#context = context;
    this.#desk = desk;
  }

  take(event: CallEvent): void {
    const { queues, live } = this.#context;
    if (event.type === 'key' && !this.#roomForKey(event)) return;
    queues
      .run(event.session, () => this.#work(event))
      .catch((error) => failClosed(this.#context, event.session, error))
      .finally(() => {
        const session = live.get(event.session);
        if (event.type === 'key' && session) session.pendingKeys -= 1;
      });
  }

  /** A flood of keys is dropped at the door; the gap in their numbers rejects the field (see `KeyOpener`). */
  #roomForKey(event: Of<'key'>): boolean {
    const session = this.#context.live.get(event.session);
    if (session === undefined) return false;
    if (session.pendingKeys >= PENDING_KEYS_MAX) {
      this.#context.deps.log.warn('a key press was dropped: too many wait', { session: event.session });
      return false;
    }
    session.pendingKeys += 1;
    return true;
  }

  async #work(event: CallEvent): Promise<void> {
    const record = this.#context.deps.store.session(event.session);
    if (record === undefined) {
      this.#context.deps.log.debug('a call event for no session of ours', { type: event.type });
      return;
    }
    switch (event.type) {
      case 'leg':
        await this.#tell(record, { type: 'leg.updated', data: { leg: event.leg } });
        return;
      case 'key': {
        const live = this.#context.live.get(event.session);
        if (live) await this.#desk.key(live, event.key);
        return;
      }
      case 'keys_lost': {
        const live = this.#context.live.get(event.session);
        if (live) await this.#desk.keysLost(live);
        return;
      }
      case 'short_key': {
        const live = this.#context.live.get(event.session);
        if (live) await this.#desk.shortKey(live);
        return;
      }
      case 'transport_unexpected':
        return this.#transportUnexpected(record, event);
      case 'play_ended': {
        const { to, prompt, outcome } = event;
        await this.#tell(record, { type: 'prompt.ended', data: { to, prompt, outcome } });
        return;
      }
      case 'leak_suspected':
        return this.#leakSuspected(record, event);
      case 'mask_attested':
        await this.#context.ledger.change(record.id, {
          patch: { attestation: event.attestation },
          events: [{ type: 'mask.attested', data: { ...event.attestation } }],
        });
        return;
      case 'ready':
        return this.#ready(record, event);
      case 'topology':
        return this.#topology(record, event);
      case 'call_failed':
        return this.#callFailed(record, event);
    }
  }

  async #ready(record: SessionRecord, event: Of<'ready'>): Promise<void> {
    if (nextPaymentStatus(record.status, 'media-ready') === undefined) return;
    // Too late: the call is on its way back already.
    if (this.#context.live.get(record.id)?.closed !== false) return;
    await this.#context.ledger.change(record.id, {
      on: 'media-ready',
      // The rendezvous was used; it opens nothing any more.
      patch: { rendezvous: null },
      events: [{ type: 'session.ready', data: { lookback_ms: event.lookbackMs } }],
    });
  }

  async #transportUnexpected(
    record: SessionRecord,
    { transport }: Of<'transport_unexpected'>,
  ): Promise<void> {
    const message =
      transport === 'inband'
        ? 'the keys arrive as tones in the audio, not as the telephone-events that were agreed: capture goes on, watch the digit count'
        : 'the keys arrive as telephone-events that were not agreed: capture goes on, watch the digit count';
    await this.#tell(
      record,
      { type: 'dtmf.transport_unexpected', data: { transport } },
      { type: 'field.hint', data: { field: null, code: 'transport_unexpected', message } },
    );
  }

  /** The agent hears nothing of the customer meanwhile, and must know why. */
  async #leakSuspected(record: SessionRecord, { sign }: Of<'leak_suspected'>): Promise<void> {
    const message =
      'key tones may have reached your side, so the customer is muted until this field is done: end the field or the payment, and report it';
    await this.#context.ledger.change(record.id, {
      patch: { leaksSuspected: (record.leaksSuspected ?? 0) + 1 },
      events: [{ type: 'mask.leak_suspected', data: { code: 'leak_suspected', sign, muted: true, message } }],
    });
  }

  async #topology(record: SessionRecord, event: Of<'topology'>): Promise<void> {
    if (record.topology === event.topology || record.callEnded) return;
    const { topology, reason } = event;
    const over = topology === 'restored' || topology === 'lost' || this.#refused(record, event);
    const told = topologyEvent(event);
    const patch = { topology, ...(over ? { callEnded: true } : {}) };
    const goingBack = over || topology === 'restoring';
    const changed = goingBack
      ? await leave(this.#context, record, { patch, ...this.#ending(record, topology, reason, told) })
      : await this.#context.ledger.change(record.id, { patch, events: told });
    forgetIfOver(this.#context, changed);
  }

  /** Before the commit point the call falls back to where it was: nothing was touched, and nothing more will come. */
  #refused(record: SessionRecord, { topology }: Of<'topology'>): boolean {
    return topology === 'original' && !isBeforeCharge(record.status);
  }

  /** How the payment ends when its call goes away under it; nothing, when we asked for that or the charge is already made. */
  #ending(record: SessionRecord, topology: string, reason: string | undefined, told: readonly EventDraft[]) {
    const wiped = nextPaymentStatus(record.status, 'digits-wiped')
      ? ({ on: 'digits-wiped', events: told } as const)
      : ({ events: told } as const);
    if (!isBeforeCharge(record.status)) return wiped;
    if (topology !== 'lost' && (reason === undefined || OWN_REASONS.has(reason))) return wiped;
    const outcome = reason !== undefined && LEFT.has(reason) ? 'canceled' : 'failed';
    const code = reason ?? 'call_lost';
    const ended: EventDraft = { type: `session.${outcome}`, data: { code, call_safe: topology !== 'lost' } };
    return { on: outcome, failureCode: code, events: [...told, ended] } as const;
  }

  async #callFailed(record: SessionRecord, event: Of<'call_failed'>): Promise<void> {
    const { outcome, code, callSafe, leg, sip } = event;
    // In the middle of a hand-back, `restored` or `lost` is still to come.
    const over = ['original', 'restored', 'lost'].includes(record.topology);
    const ends = nextPaymentStatus(record.status, outcome) !== undefined && isBeforeCharge(record.status);
    if (!ends && record.callEnded) return;
    const changed = await leave(this.#context, record, {
      patch: { callFailure: { leg, sip }, ...(over ? { callEnded: true, rendezvous: null } : {}) },
      ...(ends
        ? {
            on: outcome,
            failureCode: code,
            events: [{ type: `session.${outcome}`, data: { code, call_safe: callSafe, leg, sip } }],
          }
        : {}),
    });
    forgetIfOver(this.#context, changed);
  }

  async #tell(record: SessionRecord, ...events: readonly EventDraft[]): Promise<void> {
    await this.#context.ledger.change(record.id, { events });
  }
}

function topologyEvent({ topology, gapMs, reason }: Of<'topology'>): readonly EventDraft[] {
  const why = reason === undefined ? {} : { reason };
  const gap = gapMs === undefined ? {} : { gap_ms: gapMs };
  switch (topology) {
    case 'engaged':
      return [{ type: 'session.engaged', data: gap }];
    case 'restoring':
      return [{ type: 'session.restoring', data: why }];
    case 'restored':
      return [{ type: 'session.restored', data: { ...gap, ...why } }];
    case 'degraded':
      return [{ type: 'session.degraded', data: { ...gap, ...why } }];
    case 'lost':
      return [{ type: 'session.lost', data: why }];
    case 'engaging':
    case 'original':
      // The legs tell it: `leg.updated`.
      return [];
  }
}
