import type { DtlsSetup, Security } from '../rtp/secure-media.ts';
import type { PairSecurity } from '../rtp/udp-pair.ts';
import { MediaAnchor } from './media-anchor.ts';
import type { CapturedPacket } from './packet-capture.ts';
import { unixMs } from './unix-time.ts';

/** One packet time without a direct packet: the customer's next one went elsewhere. */
const DIRECT_QUIET_MS = 20;
/** Packets of the old path trickle in; after this long they are nobody's business any more. */
const DIRECT_TRICKLE_MAX_MS = 200;

export interface BridgeObserver {
  /** Raw packets of leg 7. */
  leg7Captured(packet: Omit<CapturedPacket, 'cycle'>): void;
}

/** Whoever calls us comes to us, and we go to Sordino, as the customer does. */
const pairSecurity = (security: Security | undefined, setup: DtlsSetup): PairSecurity | undefined =>
  security === 'dtls' ? setup : security;

/**
 * The media of one call inside the platform. Two anchors last as long as the call; those towards Sordino as long as a diversion.
 *
 *   customer ==== [customer anchor] ----------- [agent anchor] ==== agent
 *                  [leg 5 anchor]               [leg 7 anchor]
 *                        ||                           ||
 *                   Sordino, only when           Sordino, clean
 *                   we proxy the customer
 *
 * Switching makes before it breaks. The agent goes on hearing the direct path until the customer has moved and its last direct
 * packet was played: leg 7 may carry noise from the moment it is up, and whoever takes that for the customer makes a hole. On the
 * way back the first direct packet decides.
 */
export class MediaBridge {
  readonly customer: MediaAnchor;
  readonly agent: MediaAnchor;
  #leg7: MediaAnchor | undefined;
  #leg5: MediaAnchor | undefined;
  #agentHears: 'customer' | 'leg7' = 'customer';
  #awaited: { readonly source: 'customer' | 'leg7'; joined(atMs: number): void } | undefined;
  #customerIsFedBy: 'agent' | 'leg5' | 'nobody' = 'agent';
  #customerMovedAtMs = 0;
  #lastDirectAtMs = 0;

  readonly #security: Security | undefined;

  private constructor(open: {
    customer: MediaAnchor;
    agent: MediaAnchor;
    security: Security | undefined;
  }) {
    this.customer = open.customer;
    this.agent = open.agent;
    this.#security = open.security;
  }

  /** `security`: towards the customer and Sordino. The agent sits in our own network. */
  static async open(host: string, security?: Security): Promise<MediaBridge> {
    const holder: { bridge?: MediaBridge } = {};
    const customer = await MediaAnchor.open(
      host,
      { rtp: (packet) => holder.bridge?.fromCustomer(packet) },
      pairSecurity(security, 'passive'),
    );
    const agent = await MediaAnchor.open(host, { rtp: (packet) => holder.bridge?.fromAgent(packet) });
    const bridge = new MediaBridge({ customer, agent, security });
    holder.bridge = bridge;
    return bridge;
  }

  /** A port pair for leg 7 of a new diversion. The agent's audio goes there as soon as it has a peer. */
  async openLeg7(observer: BridgeObserver, host: string): Promise<MediaAnchor> {
    const anchor = await MediaAnchor.open(
      host,
      {
        rtp: (packet) => this.#fromLeg7(packet, anchor),
        captured: (packet) => observer.leg7Captured(packet),
      },
      pairSecurity(this.#security, 'active'),
    );
    this.#leg7 = anchor;
    return anchor;
  }

  /** A port pair for leg 5, for the shape where the platform offers itself. */
  async openLeg5(host: string): Promise<MediaAnchor> {
    const anchor = await MediaAnchor.open(
      host,
      { rtp: (packet) => this.#fromLeg5(packet, anchor) },
      pairSecurity(this.#security, 'actpass'),
    );
    this.#leg5 = anchor;
    return anchor;
  }

  /** The agent hears `source` from its next packet on; leg 7 not before the direct path is over. */
  joinAgentTo(source: 'customer' | 'leg7', joined: (atMs: number) => void): void {
    this.#awaited = { source, joined };
  }

  /** Without waiting for a packet: when the other path is known to be dead. */
  giveAgent(source: 'customer' | 'leg7'): void {
    this.#awaited = undefined;
    this.#agentHears = source;
  }

  /** `agent`: directly. `leg5`: we proxy between customer and Sordino. `nobody`: the customer's media has moved away. */
  feedCustomerFrom(source: 'agent' | 'leg5' | 'nobody'): void {
    this.#customerIsFedBy = source;
    this.#customerMovedAtMs = unixMs();
  }

  /** The diversion is over: its port pairs close, and the direct path is all there is. */
  endDiversion(): void {
    this.#leg7?.close();
    this.#leg5?.close();
    this.#leg7 = undefined;
    this.#leg5 = undefined;
    this.giveAgent('customer');
    this.feedCustomerFrom('agent');
  }

  close(): void {
    this.endDiversion();
    this.customer.close();
    this.agent.close();
  }

  fromCustomer(packet: Uint8Array): void {
    if (this.#customerIsFedBy === 'leg5') this.#leg5?.forward(packet, this.customer);
    this.#lastDirectAtMs = unixMs();
    this.#arrived('customer');
    if (this.#agentHears === 'customer') this.agent.forward(packet, this.customer);
  }

  fromAgent(packet: Uint8Array): void {
    if (this.#customerIsFedBy === 'agent') this.customer.forward(packet, this.agent);
    this.#leg7?.forward(packet, this.agent);
  }

  #fromLeg7(packet: Uint8Array, anchor: MediaAnchor): void {
    if (this.#directIsOver()) this.#arrived('leg7');
    if (this.#agentHears === 'leg7') this.agent.forward(packet, anchor);
  }

  #fromLeg5(packet: Uint8Array, anchor: MediaAnchor): void {
    if (this.#customerIsFedBy === 'leg5') this.customer.forward(packet, anchor);
  }

  #directIsOver(): boolean {
    if (this.#customerIsFedBy !== 'nobody') return this.#customerIsFedBy === 'leg5';
    const now = unixMs();
    const quiet = now - this.#lastDirectAtMs >= DIRECT_QUIET_MS;
    return quiet || now - this.#customerMovedAtMs > DIRECT_TRICKLE_MAX_MS;
  }

  #arrived(source: 'customer' | 'leg7'): void {
    if (this.#awaited?.source !== source) return;
    const { joined } = this.#awaited;
    this.giveAgent(source);
    joined(unixMs());
  }
}
