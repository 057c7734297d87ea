import {
  FAULT_KINDS,
  type FaultExpectation,
  type FaultName,
  overriding,
  type Scheduler,
} from '@sordino/core';
import type { EngagementPorts } from '../dance/engagement-ports.ts';
import type { InterceptionEvent } from '../events.ts';
import type { CommitOrder } from '../platform/profile.ts';
import type {
  IncomingInvite,
  OutgoingInvite,
  SipCalls,
  SipLeg,
  SipLegEnd,
  SipLegHandlers,
} from '../ports/sip-calls.ts';
import { RehearsedLeg } from './rehearsed-leg.ts';
import { RehearsedRelay } from './rehearsed-relay.ts';
import type { Script } from './script.ts';
import { unsentLeg } from './unsent-leg.ts';

/** From the alarm to the BYE that was held back. */
const OVERDUE_MS = 3_000;

/** So long no change of the session is stored. */
const STORAGE_DOWN_MS = 5_000;

/** No codec of ours is in it (RFC 3551 §6: 18 is G.729). */
const G729_ONLY = [
  'v=0',
  'o=- 1 1 IN IP4 127.0.0.1',
  's=-',
  'c=IN IP4 127.0.0.1',
  't=0 0',
  'm=audio 9 RTP/AVP 18',
  'a=rtpmap:18 G729/8000',
  '',
].join('\r\n');

/*
 *   waiting --INVITE 5--> begun --ready--> ready --on its way back--> leaving --finished--> over
 */
type Stage = 'waiting' | 'begun' | 'ready' | 'leaving' | 'over';

/** The last stage in which a fault of that timing can still take effect. */
const LAST_STAGES = {
  invite: ['waiting'],
  engaged: ['waiting', 'begun', 'ready'],
  restore: ['waiting', 'begun', 'ready'],
  reinvite: ['waiting', 'begun', 'ready'],
  charge: ['waiting', 'begun', 'ready', 'leaving'],
  now: ['waiting', 'begun', 'ready', 'leaving', 'over'],
  next_refer: ['waiting', 'begun', 'ready', 'leaving', 'over'],
} as const satisfies Record<string, readonly Stage[]>;

/** The faults of one session. It stands between an engagement and its ports, and lets everything pass until one is armed. */
export class Rehearsal implements Script {
  /** Platform and call. */
  readonly call: string;
  readonly #scheduler: Scheduler;
  readonly #referRefused: boolean;
  readonly #commit: CommitOrder;
  readonly #faults = new Map<FaultName, 'armed' | 'fired'>();
  readonly #leg5 = new RehearsedLeg(this, 'leg5');
  readonly #leg7 = new RehearsedLeg(this, 'leg7');
  readonly #relay = new RehearsedRelay(this);
  #stage: Stage = 'waiting';
  #storageDownUntilMs = Number.NEGATIVE_INFINITY;
  #onOverdue: () => void = () => {};

  constructor(
    scheduler: Scheduler,
    plan: { readonly call: string; readonly commit: CommitOrder; readonly referRefused: boolean },
  ) {
    this.#scheduler = scheduler;
    this.call = plan.call;
    this.#commit = plan.commit;
    this.#referRefused = plan.referRefused;
  }

  stateOf(fault: FaultName): 'armed' | 'fired' | undefined {
    return this.#faults.get(fault);
  }

  /** What became of it at once. Armed twice it is armed once. */
  arm(fault: FaultName): 'armed' | 'fired' | 'too_late' | 'not_possible' {
    const { timing } = FAULT_KINDS[fault];
    const stages: readonly Stage[] = LAST_STAGES[timing];
    if (!stages.includes(this.#stage)) return 'too_late';
    // RFC 3261 §9.1: CANCEL has no effect on an INVITE that was answered.
    if (fault === 'leg5_canceled' && this.#commit === 'at_once') return 'not_possible';
    this.#faults.set(fault, 'armed');
    if (timing === 'now' || (timing === 'engaged' && this.#stage === 'ready')) this.#fire(fault);
    return this.stateOf(fault) ?? 'armed';
  }

  /** Where this session will end up. */
  expected(fault: FaultName): FaultExpectation {
    const { expected } = FAULT_KINDS[fault];
    const afterCommit =
      this.#commit === 'at_once' && (fault === 'leg7_refused' || fault === 'leg7_no_answer');
    return afterCommit ? { ...expected, topology: 'restored' } : expected;
  }

  /** Nothing of this session can be stored at the moment. */
  get storageIsDown(): boolean {
    return this.#scheduler.monotonicMs() < this.#storageDownUntilMs;
  }

  takes(fault: FaultName): boolean {
    if (this.#faults.get(fault) !== 'armed') return false;
    this.#faults.set(fault, 'fired');
    return true;
  }

  after(delayMs: number, run: () => void): void {
    this.#scheduler.after(delayMs, run);
  }

  onceOverdue(run: () => void): void {
    this.#onOverdue = run;
  }

  /** The customer's BYE, as far as we are concerned. */
  customerHangsUp(): void {
    this.#leg5.end({ by: 'peer', how: 'bye' });
  }

  /** The next INVITE 5 finds nobody. */
  refusesInvite(): boolean {
    // `no_invite` goes on refusing.
    return (
      this.takes('no_invite') || this.stateOf('no_invite') === 'fired' || this.takes('rendezvous_unknown')
    );
  }

  /** What the engagement works with. */
  ports(inner: EngagementPorts): EngagementPorts {
    return {
      ...inner,
      sip: this.#calls(inner.sip),
      media: this.#relay.wrap(inner.media),
      report: (event) => {
        inner.report(event);
        this.#reported(event);
      },
      finished: (session) => {
        this.#stage = 'over';
        inner.finished(session);
      },
    };
  }

  /** How the platform is asked for its call. */
  asking(sip: SipCalls): SipCalls {
    if (!this.#referRefused) return sip;
    return overriding(sip, {
      refer: (_request, handlers) => {
        this.after(0, () => handlers.ended({ how: 'refused', status: 603, reason: 'rehearsal' }));
        return { callId: 'unsent', giveUp: () => {} };
      },
    });
  }

  /** INVITE 5 is here; `begin` is the engagement's. */
  leg5(
    leg: SipLeg,
    invite: IncomingInvite,
    begin: (leg: SipLeg, invite: IncomingInvite) => SipLegHandlers,
  ): SipLegHandlers {
    this.#stage = 'begun';
    const read = this.takes('no_common_codec') ? overriding(invite, { sdp: G729_ONLY }) : invite;
    return this.#leg5.listen(begin(this.#leg5.wrap(leg, invite.sdp), read));
  }

  #calls(sip: SipCalls): SipCalls {
    return overriding(sip, { invite: (call, handlers) => this.#invite(sip, call, handlers) });
  }

  #invite(sip: SipCalls, call: OutgoingInvite, handlers: SipLegHandlers): SipLeg {
    const unsent = (how: Pick<SipLegEnd, 'by' | 'how' | 'status'>): SipLeg =>
      unsentLeg(how, call, handlers, this.#scheduler);
    if (this.takes('leg7_refused')) return unsent({ by: 'peer', how: 'rejected', status: 486 });
    if (this.takes('leg7_no_answer')) return unsent({ by: 'timeout', how: 'no_answer', status: undefined });
    const leg = this.#leg7.wrap(sip.invite(call, this.#leg7.listen(handlers)));
    if (this.takes('leg5_canceled')) {
      this.after(0, () => this.#leg5.end({ by: 'peer', how: 'canceled', status: 487 }));
    }
    return leg;
  }

  #reported(event: InterceptionEvent): void {
    if (event.type === 'ready') {
      this.#stage = 'ready';
      // Not in the middle of what the engagement is doing.
      this.after(0, () => this.#fireArmed());
    }
    if (event.type !== 'topology') return;
    if (['restoring', 'restored', 'lost'].includes(event.topology)) this.#stage = 'leaving';
    if (event.topology === 'degraded' && this.#stage === 'leaving') this.after(OVERDUE_MS, this.#onOverdue);
  }

  #fireArmed(): void {
    for (const [fault, state] of this.#faults) {
      if (state === 'armed' && FAULT_KINDS[fault].timing === 'engaged') this.#fire(fault);
    }
  }

  /** What happens by itself; the others wait for what they change. */
  #fire(fault: FaultName): void {
    switch (fault) {
      case 'media_stalled':
        if (this.takes(fault)) this.#relay.silenceCustomer();
        return;
      case 'mask_off':
        if (this.takes(fault)) this.#relay.maskOff();
        return;
      case 'storage_unavailable':
        if (this.takes(fault)) this.#storageDownUntilMs = this.#scheduler.monotonicMs() + STORAGE_DOWN_MS;
        return;
      case 'agent_left':
        // A BYE of ours on leg 7 would make the platform close leg 5 before we can.
        if (this.takes(fault)) this.#leg7.endFirst({ by: 'peer', how: 'bye' });
        return;
      case 'customer_hangup':
        if (this.takes(fault)) this.customerHangsUp();
        return;
      case 'held':
        if (this.takes(fault)) this.#leg5.hold();
        return;
      case 'refer_received':
        if (this.takes(fault)) this.#leg5.refer();
        return;
      case 'refresh_failed':
        if (this.takes(fault)) this.#leg5.end({ by: 'timeout', how: 'lost', status: 408 });
        return;
      case 'relay_worker_lost':
        if (this.takes(fault)) this.#relay.loseWorker();
        return;
      case 'relay_move_refused':
        // Taken when leg 5 is to be moved.
        this.#relay.loseWorker();
        return;
      default:
        return;
    }
  }
}
