import type { SipLeg } from '@sordino/interception';
import type { CustomerOffer, CustomerSide } from './customer-side.ts';
import type { Leg5Offer, PlatformBehaviour } from './divert-request.ts';
import type { MediaAnchor } from './media-anchor.ts';
import type { MediaBridge } from './media-bridge.ts';
import { mustReadSdp, type SdpWriter, withDirection } from './sdp.ts';

/** What differs between the shapes of offer on leg 5 (design section 5, a-1 to a-3; RFC 3725 §4, RFC 4117). */
export interface OfferShape {
  /** The description in the INVITE. */
  firstOffer(): Promise<string | undefined>;
  /** Leg 5 was answered with `sdp`: brings the customer's media to Sordino. False: the customer would not move. */
  move(leg5: SipLeg, sdp: string): Promise<boolean>;
  /** Leg 5 came to nothing: the customer is told, if it waits for something. */
  abandon(): void;
  /** Tells Sordino that media comes back to us, where the shape has an address to name. */
  swapBack(leg5: SipLeg): Promise<void>;
}

export interface ShapeParts {
  readonly customer: CustomerSide;
  readonly bridge: MediaBridge;
  readonly host: string;
  readonly writer: SdpWriter;
  readonly behaviour: PlatformBehaviour;
}

export function offerShape(offer: Leg5Offer, parts: ShapeParts): OfferShape {
  if (parts.behaviour.neverAcksLeg5 && offer !== 'none') {
    throw new Error(`neverAcksLeg5 needs offer "none": with "${offer}" the SIP stack acknowledges by itself`);
  }
  switch (offer) {
    case 'none':
      return new DelayedOffer(parts);
    case 'customer':
      return new CustomersOffer(parts);
    case 'platform':
      return new PlatformsOffer(parts);
  }
}

/** a-1: Sordino offers in its 200, the customer's answer goes back in the ACK. */
class DelayedOffer implements OfferShape {
  readonly #parts: ShapeParts;

  constructor(parts: ShapeParts) {
    this.#parts = parts;
  }

  async firstOffer(): Promise<undefined> {
    return undefined;
  }

  async move(leg5: SipLeg, sdp: string): Promise<boolean> {
    const { customer, writer, behaviour } = this.#parts;
    if (behaviour.neverMovesCustomer) {
      leg5.acknowledge(writer.adopt(customer.lastSdp));
      return true;
    }
    const answer = await customer.put(sdp);
    if (answer === undefined) {
      // RFC 3261 §13.2.2.4: a 2xx must be acknowledged, and here the ACK must hold an answer, even if BYE follows.
      leg5.acknowledge(writer.adopt(withDirection(customer.lastSdp, 'inactive')));
      return false;
    }
    if (!behaviour.neverAcksLeg5) leg5.acknowledge(writer.adopt(answer));
    return true;
  }

  abandon(): void {}

  async swapBack(): Promise<void> {}
}

/** a-2: the INVITE carries the customer's own description, the answer is put to the customer. */
class CustomersOffer implements OfferShape {
  readonly #parts: ShapeParts;
  #held: CustomerOffer | undefined;

  constructor(parts: ShapeParts) {
    this.#parts = parts;
  }

  async firstOffer(): Promise<string> {
    const { customer, writer, behaviour } = this.#parts;
    const { customerSdp = 'ask' } = behaviour;
    if (customerSdp === 'last') return writer.adopt(customer.lastSdp);
    const offer = await customer.ask();
    if (!offer) throw new Error('the customer refused the re-INVITE that asked for its offer');
    if (customerSdp === 'ask_and_hold') this.#held = offer;
    else offer.keep();
    return writer.adopt(offer.sdp);
  }

  async move(_leg5: SipLeg, sdp: string): Promise<boolean> {
    const { customer, behaviour } = this.#parts;
    if (behaviour.neverMovesCustomer) {
      this.abandon();
      return true;
    }
    if (!this.#held) return (await customer.put(sdp)) !== undefined;
    this.#held.moveTo(sdp);
    this.#held = undefined;
    return true;
  }

  abandon(): void {
    this.#held?.keep();
    this.#held = undefined;
  }

  async swapBack(): Promise<void> {}
}

/** a-3: the INVITE carries our own anchor; a later re-INVITE on leg 5 swaps in the customer's address. */
class PlatformsOffer implements OfferShape {
  readonly #parts: ShapeParts;
  #anchor: MediaAnchor | undefined;

  constructor(parts: ShapeParts) {
    this.#parts = parts;
  }

  async firstOffer(): Promise<string> {
    const { bridge, host } = this.#parts;
    this.#anchor = await bridge.openLeg5(host);
    return this.#ownSdp();
  }

  async move(leg5: SipLeg, sdp: string): Promise<boolean> {
    const { customer, writer, bridge, behaviour } = this.#parts;
    this.#anchor?.setPeer(mustReadSdp(sdp, 'answer on leg 5'));
    if (behaviour.neverMovesCustomer) return true;
    if (behaviour.proxiesCustomer) {
      bridge.feedCustomerFrom('leg5');
      return true;
    }
    const answer = await customer.put(sdp);
    if (answer === undefined) return false;
    const swapped = writer.adopt(answer);
    const first = await leg5.reoffer(swapped);
    if (behaviour.swapsTwice) await leg5.reoffer(swapped);
    return first.ok;
  }

  abandon(): void {}

  async swapBack(leg5: SipLeg): Promise<void> {
    if (this.#anchor) await leg5.reoffer(this.#ownSdp());
  }

  #ownSdp(): string {
    const { customer, writer } = this.#parts;
    if (!this.#anchor) throw new Error('leg 5 has no port pair yet: firstOffer() opens it');
    return writer.write(this.#anchor.describe(customer.codec, customer.eventPayloadType));
  }
}
