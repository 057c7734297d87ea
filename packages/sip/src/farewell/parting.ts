import type { ParsedResponse } from '../ingress/parse-result.ts';
import type { Notification } from '../refer/notification.ts';
import type { GivingBack } from './giving-back.ts';
import { ackOf, ackOfRefusal, byeOf, cancelOf, type OwnRequest, referOf, refusalOf } from './messages.ts';
import { afterPartingEvent, type PartingEvent, type PartingState } from './parting-state.ts';
import { isLeg5, type StoredLeg } from './stored-leg.ts';

export interface PartingPorts {
  /** Protocol and sent-by of the Via of a request in the dialog. */
  viaOf(leg: StoredLeg): string;
  /** URI of Contact in such a request. */
  contactOf(leg: StoredLeg): string;
  /** A request in the dialog, by its Route or Request-URI. An ACK has no answer. */
  inDialog(leg: StoredLeg, request: OwnRequest, answered?: (response: ParsedResponse) => void): void;
  /** To where the INVITE went. */
  likeInvite(leg: StoredLeg, text: string): void;
  /** The final answer to an INVITE, until it is acknowledged. */
  answer(leg: StoredLeg, text: string): void;
  /** The customer is still here and nobody takes it: the BYE that follows ends its call. */
  notTakenBack(leg: StoredLeg, why: string): void;
  /** Nobody waits for this leg any more. */
  gone(leg: StoredLeg): void;
}

/** One leg that a dead process has left behind, on its way out. */
export class Parting {
  readonly #ports: PartingPorts;
  #leg: StoredLeg;
  readonly #givingBack: GivingBack | undefined;
  #state: PartingState;

  /** `givingBack`: of a leg 5 that we took, where there is somebody to give it to. */
  constructor(leg: StoredLeg, ports: PartingPorts, givingBack: GivingBack | undefined) {
    this.#leg = leg;
    this.#ports = ports;
    this.#givingBack = givingBack;
    this.#state = beginningOf(leg, givingBack);
  }

  get leg(): StoredLeg {
    return this.#leg;
  }

  get state(): PartingState {
    return this.#state;
  }

  /** Of a leg 5: whoever had the customer before us has it again, or still. */
  get isBack(): boolean {
    if (this.#givingBack?.succeeded) return true;
    const { role, state } = this.#leg;
    return this.#state === 'gone' && (role === 'uas' || state === 'unanswered');
  }

  begin(): void {
    const leg = this.#leg;
    // A 2xx whose ACK has not come may be lost, and nobody repeats it: then this is the final answer that is waited for. Where it has
    // come, its transaction is over and takes no notice (RFC 6026 §7.2).
    if (leg.role === 'uas' && leg.state !== 'confirmed') this.#ports.answer(leg, refusalOf(leg));
    // RFC 3261 §9.1 wants a provisional response first; we cannot know whether one came, and an INVITE that did not arrive takes no harm.
    if (this.#state === 'canceling') this.#ports.likeInvite(leg, cancelOf(leg));
    if (leg.role === 'uac' && leg.state === 'accepted') this.#acknowledge();
    this.#enter();
  }

  /** The platform has had its time. */
  due(): void {
    this.#move('due');
  }

  /** The ACK of our 503. */
  acknowledged(): void {
    this.#move('acknowledged');
  }

  hungUp(): void {
    this.#move('hung-up');
  }

  /** By NOTIFY, of our REFER. */
  notified(news: Notification): void {
    if (this.#givingBack?.notified(news)) this.#move('settled');
  }

  /** The platform's BYE on the leg 7 of this leg 5. */
  leg7Closed(): void {
    this.#givingBack?.leg7Closed();
  }

  /** No more will be told of our REFER. */
  settled(): void {
    this.#move('settled');
  }

  /** To our BYE. A 1xx is no answer, and a challenge leaves the dialog as it was: we have no password to answer it with. */
  #answered({ status }: ParsedResponse): void {
    if (status >= 200 && status !== 401 && status !== 407) this.#move('answered');
  }

  /** To our CANCEL: what counts is the answer to the INVITE, unless there is no such INVITE. */
  cancelAnswered({ status }: ParsedResponse): void {
    if (status === 481) this.#move('unknown');
  }

  /** To the INVITE of this leg: it crossed our CANCEL, answers it, or comes again because its ACK was lost. */
  inviteAnswered(response: ParsedResponse): void {
    const { status } = response;
    if (status < 200) return;
    if (status >= 300) {
      this.#ports.likeInvite(this.#leg, ackOfRefusal(this.#leg, response));
      this.#move('refused');
      return;
    }
    if (this.#leg.remoteTag === '') this.#leg = inDialogOf(this.#leg, response);
    this.#acknowledge();
    this.#move(this.#givingBack === undefined ? 'accepted' : 'taken');
  }

  #move(event: PartingEvent): void {
    const next = afterPartingEvent(this.#state, event);
    if (next === undefined) return;
    if (this.#state === 'giving' && next === 'closing' && !this.isBack)
      this.#ports.notTakenBack(this.#leg, this.#givingBack?.why ?? '');
    this.#state = next;
    this.#enter();
  }

  #enter(): void {
    if (this.#state === 'giving') this.#refer();
    else if (this.#state === 'closing') this.#bye();
    else if (this.#state === 'gone') this.#ports.gone(this.#leg);
  }

  #refer(): void {
    const givingBack = this.#givingBack;
    if (givingBack === undefined) return;
    const { viaOf, contactOf } = this.#ports;
    const refer = referOf(this.#leg, viaOf(this.#leg), contactOf(this.#leg), givingBack.referTo);
    // The BYE after it counts on.
    this.#leg = { ...this.#leg, cseq: this.#leg.cseq + 1 };
    givingBack.sent(refer.cseq);
    this.#ports.inDialog(this.#leg, refer, (response) => {
      if (givingBack.answered(response)) this.#move('settled');
    });
  }

  #bye(): void {
    const bye = byeOf(this.#leg, this.#ports.viaOf(this.#leg));
    this.#ports.inDialog(this.#leg, bye, (response) => this.#answered(response));
  }

  #acknowledge(): void {
    this.#ports.inDialog(this.#leg, ackOf(this.#leg, this.#ports.viaOf(this.#leg)));
  }
}

function beginningOf(leg: StoredLeg, givingBack: GivingBack | undefined): PartingState {
  const unanswered = leg.state === 'unanswered';
  if (leg.role === 'uas') return unanswered ? 'refusing' : 'closing';
  if (unanswered) return 'canceling';
  if (givingBack !== undefined) return 'giving';
  // Nobody is left to give the customer to.
  return isLeg5(leg) ? 'closing' : 'lingering';
}

/** RFC 3261 §12.1.2: the dialog that a 2xx makes of our INVITE. */
function inDialogOf(leg: StoredLeg, response: ParsedResponse): StoredLeg {
  const values = (name: string): string[] =>
    response.headers.filter((header) => header.name === name).map(({ value }) => value);
  return {
    ...leg,
    state: 'accepted',
    remote: values('To')[0] ?? leg.remote,
    remoteTag: response.to.params.get('tag') ?? '',
    target: response.contacts[0]?.uri.text ?? leg.target,
    routes: values('Record-Route').reverse(),
  };
}
