import type {
  IncomingInvite,
  OptionsOutcome,
  OutgoingInvite,
  OutgoingOptions,
  OutgoingRefer,
  ReferAttempt,
  ReferHandlers,
  ReferRequest,
  ReofferOutcome,
  SdpText,
  SipCalls,
  SipDialogId,
  SipHeaders,
  SipLeg,
  SipLegEnd,
  SipLegHandlers,
  SipLegState,
  SipReason,
} from '../ports/sip-calls.ts';

let legs = 0;

/** A leg that does nothing but write down what was asked of it; the test plays the peer by calling `handlers`. */
export class ScriptedLeg implements SipLeg {
  readonly id: string;
  readonly callId: string;
  readonly sessionUuid = 'ab'.repeat(16);
  readonly role: 'uas' | 'uac';
  dialog: SipDialogId | undefined = undefined;
  readonly done: string[] = [];
  readonly headers: SipHeaders[] = [];
  readonly refers: ScriptedRefer<ReferRequest>[] = [];
  state: SipLegState;
  handlers: SipLegHandlers = { ended: () => {} };

  constructor(role: 'uas' | 'uac') {
    legs += 1;
    this.id = `leg-${legs}`;
    this.callId = `call-${legs}`;
    this.role = role;
    this.state = role === 'uas' ? 'offered' : 'dialing';
  }

  ring(status: 180 | 183): void {
    this.done.push(`ring ${status}`);
  }

  accept(): void {
    this.state = 'accepted';
    this.done.push('accept');
  }

  reject(status: number, headers: SipHeaders = []): void {
    this.state = 'ended';
    this.headers.push(headers);
    this.done.push(`reject ${status}`);
  }

  acknowledge(): void {
    this.done.push('acknowledge');
  }

  async reoffer(_sdp: SdpText | undefined): Promise<ReofferOutcome> {
    this.done.push('reoffer');
    return { ok: false, status: 488 };
  }

  refer(request: ReferRequest, handlers: ReferHandlers): ReferAttempt {
    this.done.push('refer');
    const refer = new ScriptedRefer(request, handlers);
    this.refers.push(refer);
    return refer;
  }

  hangup(reason?: SipReason): void {
    if (this.state === 'ended') return;
    this.done.push(`hangup ${reason?.text ?? ''}`);
  }

  end(over: Partial<SipLegEnd> = {}): void {
    this.state = 'ended';
    this.handlers.ended({ by: 'peer', how: 'bye', status: undefined, reason: undefined, ...over });
  }
}

/** A REFER that the test answers by calling `handlers`. */
export class ScriptedRefer<Request extends ReferRequest> implements ReferAttempt {
  readonly callId = 'refer-1';
  readonly request: Request;
  readonly handlers: ReferHandlers;
  givenUp = false;

  constructor(request: Request, handlers: ReferHandlers) {
    this.request = request;
    this.handlers = handlers;
  }

  giveUp(): void {
    this.givenUp = true;
  }

  end(how: Parameters<ReferHandlers['ended']>[0]['how'], status?: number, reason?: string): void {
    this.handlers.ended({ how, status, reason });
  }
}

/** Every INVITE and REFER of ours, in order. */
export class ScriptedSip implements SipCalls {
  readonly asked: OutgoingOptions[] = [];
  /** What `options` answers, after which the caller goes on. */
  onOptions: (request: OutgoingOptions) => Promise<OptionsOutcome> = async () => ({
    answered: false,
    why: 'timeout',
    reason: 'nobody is there',
  });
  readonly sent: { readonly call: OutgoingInvite; readonly leg: ScriptedLeg }[] = [];

  invite(call: OutgoingInvite, handlers: SipLegHandlers): SipLeg {
    const leg = new ScriptedLeg('uac');
    leg.handlers = handlers;
    this.sent.push({ call, leg });
    return leg;
  }

  options(request: OutgoingOptions): Promise<OptionsOutcome> {
    this.asked.push(request);
    return this.onOptions(request);
  }

  readonly refers: ScriptedRefer<OutgoingRefer>[] = [];

  refer(request: OutgoingRefer, handlers: ReferHandlers): ReferAttempt {
    const refer = new ScriptedRefer(request, handlers);
    this.refers.push(refer);
    return refer;
  }

  get leg7(): ScriptedLeg {
    const last = this.sent.at(-1);
    if (last === undefined) throw new Error('no INVITE was sent');
    return last.leg;
  }
}

export function anInvite(user: string, over: Partial<IncomingInvite> = {}): IncomingInvite {
  return {
    requestUri: `sip:${user}@127.0.0.1`,
    requestUser: user,
    platforms: undefined,
    callId: 'call-5',
    fromUri: 'sip:+447700900123@127.0.0.1',
    fromUser: '+447700900123',
    toUri: `sip:${user}@127.0.0.1`,
    header: () => [],
    sdp: undefined,
    source: { transport: 'udp', host: '127.0.0.1', port: 5060 },
    ...over,
  };
}
