import type {
  CardBytes,
  ChargeRequest,
  ChargeTrace,
  FollowUpRequest,
  Gateway,
  GatewayCapabilities,
} from '../gateways/gateway.ts';
import type { IncomingNotice, NoticeItem, NoticeVerdict } from '../gateways/notice.ts';
import type { ChargeOutcome, FollowUpOutcome } from '../gateways/outcome.ts';
import { PLAIN_CAPABILITIES } from './charge-trace.ts';
import { later } from './later.ts';

type Answer = ChargeOutcome | { readonly kind: 'not_found' };

/** A gateway whose answers the scene writes. It looks at the card only while it is asked, as a real one must. */
export class ScriptedGateway implements Gateway {
  readonly name = 'scripted';
  readonly livemode: boolean;
  capabilities: GatewayCapabilities = PLAIN_CAPABILITIES;
  readonly requests: ChargeRequest[] = [];
  readonly queries: string[] = [];
  readonly steps: FollowUpRequest[] = [];
  readonly cancels: { readonly charge: string; readonly key: string }[] = [];
  /** What the card bytes were during each charge: a scene compares them and drops them. */
  readonly cardsSeen: CardBytes[] = [];
  /** The views themselves, to see that they are zero afterwards. */
  readonly views: CardBytes[] = [];
  charges: (() => ChargeOutcome | Promise<ChargeOutcome>)[] = [];
  answers: (Answer | Promise<Answer>)[] = [];
  /** Of later steps and of undoing by key; done when there is none. */
  stepAnswers: (FollowUpOutcome | Promise<FollowUpOutcome>)[] = [];

  constructor(livemode = false) {
    this.livemode = livemode;
  }

  /** The next charge waits until the scene answers it. */
  answersLater(): (outcome: ChargeOutcome) => void {
    const { promise, resolve } = later<ChargeOutcome>();
    this.charges = [() => promise];
    return resolve;
  }

  async charge(request: ChargeRequest, card: CardBytes): Promise<ChargeOutcome> {
    this.requests.push(request);
    this.views.push(card);
    this.cardsSeen.push({
      number: card.number.slice(),
      expiry: card.expiry.slice(),
      cvc: card.cvc.slice(),
      postalCode: card.postalCode.slice(),
      ...(card.bank && { bank: { routing: card.bank.routing.slice(), account: card.bank.account.slice() } }),
    });
    const next = this.charges.shift();
    return next ? next() : { kind: 'approved', authCode: 'A1B2C3', token: 'tok_9' };
  }

  async query({ key }: ChargeTrace): Promise<Answer> {
    this.queries.push(key);
    return this.answers.shift() ?? { kind: 'not_found' };
  }

  async cancel({ key: charge }: ChargeTrace, key: string): Promise<FollowUpOutcome> {
    this.cancels.push({ charge, key });
    return this.stepAnswers.shift() ?? { kind: 'done', gatewayId: null };
  }

  async followUp(request: FollowUpRequest): Promise<FollowUpOutcome> {
    this.steps.push(request);
    return this.stepAnswers.shift() ?? { kind: 'done', gatewayId: `step_${this.steps.length}` };
  }

  /** How often it was asked for anything. */
  get asked(): number {
    return this.requests.length + this.queries.length + this.steps.length + this.cancels.length;
  }

  /** Believes what is signed with `ok`; a body is a list of items. */
  readonly notices = ({ headers, body }: IncomingNotice): NoticeVerdict => {
    if (headers.signature !== 'ok') return { kind: 'refused', code: 'bad_signature' };
    const items = JSON.parse(new TextDecoder().decode(body)) as NoticeItem[];
    return { kind: 'read', items, answer: '[accepted]' };
  };
}
