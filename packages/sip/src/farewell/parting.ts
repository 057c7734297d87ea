import type { ParsedResponse } from '../ingress/parse-result.ts';
import { ackOf, ackOfRefusal, byeOf, cancelOf, refusalOf } from './messages.ts';
import { afterPartingEvent, type PartingEvent, type PartingState } from './parting-state.ts';
import type { StoredLeg } from './stored-leg.ts';

export interface PartingPorts {
  /** Protocol and sent-by of the Via of a request in the dialog. */
  viaOf(leg: StoredLeg): string;
  /** A request in the dialog, by its Route or Request-URI. `branch`: where its answer is waited for; none for an ACK. */
  inDialog(leg: StoredLeg, text: string, branch?: string): void;
  /** To where the INVITE went. */
  likeInvite(leg: StoredLeg, text: string): void;
  /** The final answer to an INVITE, until it is acknowledged. */
  answer(leg: StoredLeg, text: string): void;
  /** Nobody waits for this leg any more. */
  gone(leg: StoredLeg): void;
}

/** One leg that a dead process has left behind, on its way out. */
export class Parting {
  readonly #ports: PartingPorts;
  #leg: StoredLeg;
  #state: PartingState;

  constructor(leg: StoredLeg, ports: PartingPorts) {
    this.#leg = leg;
    this.#ports = ports;
    if (leg.role === 'uas') this.#state = leg.state === 'unanswered' ? 'refusing' : 'closing';
    else this.#state = leg.state === 'unanswered' ? 'canceling' : 'lingering';
  }

  get leg(): StoredLeg {
    return this.#leg;
  }

  get state(): PartingState {
    return this.#state;
  }

  begin(): void {
    const leg = this.#leg;
    // A 2xx whose ACK has not come may be lost, and nobody repeats it: then this is the final answer that is waited for. Where it has
    // come, its transaction is over and takes no notice (RFC 6026 §7.2).
    if (leg.role === 'uas' && leg.state !== 'confirmed') this.#ports.answer(leg, refusalOf(leg));
    // RFC 3261 §9.1 wants a provisional response first; we cannot know whether one came, and an INVITE that did not arrive takes no harm.
    if (this.#state === 'canceling') this.#ports.likeInvite(leg, cancelOf(leg));
    if (this.#state === 'lingering' && leg.state === 'accepted') this.#acknowledge();
    if (this.#state === 'closing') this.#bye();
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

  /** To our BYE. A 1xx is no answer, and a challenge leaves the dialog as it was: we have no password to answer it with. */
  answered({ status }: ParsedResponse): void {
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
    this.#move('accepted');
  }

  #move(event: PartingEvent): void {
    const next = afterPartingEvent(this.#state, event);
    if (next === undefined) return;
    this.#state = next;
    if (next === 'closing') this.#bye();
    else this.#ports.gone(this.#leg);
  }

  #bye(): void {
    const { text, branch } = byeOf(this.#leg, this.#ports.viaOf(this.#leg));
    this.#ports.inDialog(this.#leg, text, branch);
  }

  #acknowledge(): void {
    this.#ports.inDialog(this.#leg, ackOf(this.#leg, this.#ports.viaOf(this.#leg)).text);
  }
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
