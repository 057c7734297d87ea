import type { AudioCodec, MediaDescription, OpenBridge } from '@sordino/interception';
import type { ThreadedMediaRelay } from '../media-relay.ts';
import type { MediaRelayOptions } from '../options.ts';
import { EVENT_PAYLOAD_TYPE } from './keypad.ts';
import { TestPhone } from './phone.ts';
import { type OpenedScene, openBridgeIn, testRelay } from './scene.ts';

export interface CallOptions {
  readonly relay?: Partial<MediaRelayOptions>;
  readonly bridge?: Partial<OpenBridge>;
  readonly customerCodec?: AudioCodec;
  readonly agentCodec?: AudioCodec;
}

/** A relay, one bridge, a customer's phone and an agent's phone; nobody knows anybody yet. Disposable. */
export class TestCall implements AsyncDisposable {
  readonly relay: ThreadedMediaRelay;
  readonly customer: TestPhone;
  readonly agent: TestPhone;
  readonly bridge: OpenedScene['bridge'];
  readonly ear: OpenedScene['ear'];
  readonly vault: OpenedScene['vault'];
  readonly #phones: TestPhone[] = [];

  private constructor(relay: ThreadedMediaRelay, scene: OpenedScene, customer: TestPhone, agent: TestPhone) {
    this.relay = relay;
    this.bridge = scene.bridge;
    this.ear = scene.ear;
    this.vault = scene.vault;
    this.customer = customer;
    this.agent = agent;
    this.#phones.push(customer, agent);
  }

  static async open(options: CallOptions = {}): Promise<TestCall> {
    const relay = await testRelay(options.relay);
    const scene = await openBridgeIn(relay, options.bridge);
    const host = options.relay?.host;
    const customer = await TestPhone.open(options.customerCodec, host);
    return new TestCall(relay, scene, customer, await TestPhone.open(options.agentCodec, host));
  }

  /** As `open`, and both peers are signalled: the customer's with telephone-events. */
  static async connected(options: CallOptions = {}): Promise<TestCall> {
    const call = await TestCall.open(options);
    call.bridge.setPeer('customer', call.customerDescription());
    call.bridge.setPeer('clean', call.agent.describe());
    // Requests are answered in order: when the figures are here, the peers are set.
    await call.bridge.figures();
    return call;
  }

  customerDescription(phone = this.customer): MediaDescription {
    return phone.describe({ eventPayloadType: EVENT_PAYLOAD_TYPE });
  }

  /** Another phone on this network: a stranger, or where a party moves to. */
  async phone(codec?: AudioCodec, host?: string): Promise<TestPhone> {
    const phone = await TestPhone.open(codec, host);
    this.#phones.push(phone);
    return phone;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.relay.close();
    await Promise.all(this.#phones.map((phone) => phone.close()));
  }
}
