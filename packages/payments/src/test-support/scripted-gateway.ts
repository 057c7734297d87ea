import type {
  CardBytes,
  ChargeRequest,
  ChargeTrace,
  Gateway,
  GatewayCapabilities,
} from '../gateways/gateway.ts';
import type { ChargeOutcome } from '../gateways/outcome.ts';
import { PLAIN_CAPABILITIES } from './charge-trace.ts';

type Answer = ChargeOutcome | { readonly kind: 'not_found' };

/** A gateway whose answers the scene writes. It looks at the card only while it is asked, as a real one must. */
export class ScriptedGateway implements Gateway {
  readonly name = 'scripted';
  readonly livemode: boolean;
  capabilities: GatewayCapabilities = PLAIN_CAPABILITIES;
  readonly requests: ChargeRequest[] = [];
  readonly queries: string[] = [];
  /** What the card bytes were during each charge: a scene compares them and drops them. */
  readonly cardsSeen: CardBytes[] = [];
  /** The views themselves, to see that they are zero afterwards. */
  readonly views: CardBytes[] = [];
  charges: (() => ChargeOutcome | Promise<ChargeOutcome>)[] = [];
  answers: (Answer | Promise<Answer>)[] = [];

  constructor(livemode = false) {
    this.livemode = livemode;
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
}
