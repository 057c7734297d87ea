import { randomBytes, randomUUID } from 'node:crypto';
import { hashCredential, makeApiKey } from '@sordino/app-payments';
import {
  type ApiAnswer,
  type CreateSessionBody,
  type EventEnvelope,
  type Log,
  SessionClient,
  type SessionObject,
  silentLog,
} from '@sordino/core';
import {
  type Config,
  type ConfigInput,
  composeSordino,
  configSchema,
  type Sordino,
  type SordinoOptions,
} from '@sordino/sordino';
import {
  type DivertOutcome,
  type GatewaySimulator,
  type Leg5Offer,
  type LocalWorld,
  type PlatformBehaviour,
  SessionFollower,
  startGatewaySimulator,
  startLocalWorld,
  type WorldOptions,
} from '@sordino/testkit';
import { platformLadder } from './platform-ladder.ts';

export const HOST = '127.0.0.1';
export const CALL_ID = 'e-91';

export interface SceneOptions {
  readonly world?: WorldOptions;
  readonly platform?: Partial<Config['platforms'][number]>;
  /** Beside `plt_main`, which is the simulated one. */
  readonly otherPlatforms?: ConfigInput['platforms'];
  readonly store?: Config['store'];
  /** Of leg 7, and of the rendezvous unless `sip` says otherwise. */
  readonly transport?: 'udp' | 'tcp' | 'tls';
  /** All of `sip` in the configuration. Default: UDP and TCP on loopback. */
  readonly sip?: ConfigInput['sip'];
  readonly log?: Log;
  /** Default: any free ports. */
  readonly mediaPorts?: { readonly min: number; readonly max: number };
  /** Folder of `media.prompts`. */
  readonly prompts?: string;
  readonly trace?: SordinoOptions['trace'];
  /** Past the checks of the configuration: no scene has time for the 90 s of RFC 4028 §5. */
  readonly sessionTimer?: Config['platforms'][number]['session_timer'];
  /** Hold every answer against the API document. Left out: not, for whatever is compiled in mid-call makes it late. */
  readonly validateResponses?: boolean;
}

/**
 * A whole system on loopback: customer and agent in a call through the simulated platform, the gateway simulator, and Sordino as
 * `sordino start` composes it. Everything speaks over real sockets.
 */
export class CallScene implements AsyncDisposable {
  readonly world: LocalWorld;
  readonly gateway: GatewaySimulator;
  readonly sordino: Sordino;
  readonly client: SessionClient;
  readonly apiKey: string;
  readonly config: Config;
  readonly #followers: SessionFollower[] = [];
  #correlations = 0;

  private constructor(parts: {
    world: LocalWorld;
    gateway: GatewaySimulator;
    sordino: Sordino;
    apiKey: string;
    config: Config;
  }) {
    this.world = parts.world;
    this.gateway = parts.gateway;
    this.sordino = parts.sordino;
    this.apiKey = parts.apiKey;
    this.config = parts.config;
    this.client = this.clientWith(parts.apiKey);
  }

  /** Everything up, and customer and agent talking over legs 1 and 2. */
  static async open(options: SceneOptions = {}): Promise<CallScene> {
    const world = await startLocalWorld(options.world);
    const gateway = await startGatewaySimulator();
    const apiKey = makeApiKey(false, randomBytes);
    const { transport = 'udp', mediaPorts = { min: 0, max: 0 }, trace } = options;
    const config = configSchema.parse({
      sip: options.sip ?? {
        listen: [transport, transport === 'udp' ? 'tcp' : 'udp'].map((protocol) => ({
          protocol,
          host: HOST,
          port: 0,
        })),
      },
      media: { host: HOST, port_min: mediaPorts.min, port_max: mediaPorts.max, prompts: options.prompts },
      api: { host: HOST, port: 0 },
      store: options.store ?? { kind: 'memory' },
      platforms: [
        {
          id: 'plt_main',
          return_uri: world.platform.returnUri[transport],
          correlation_headers: ['X-Sim-Call'],
          // Ladders are compared; scenes about the probe switch it on.
          probe: { interval_s: 0 },
          ...options.platform,
          ...(options.platform?.refer && {
            refer: { target_uri: askedAt(world, options.platform.refer.form), ...options.platform.refer },
          }),
        },
        ...(options.otherPlatforms ?? []),
      ],
      connectors: [{ id: 'con_sandbox', type: 'sandbox', url: gateway.url }],
    });
    for (const platform of config.platforms) Object.assign(platform.session_timer, options.sessionTimer);
    const keys = [{ id: 'key_test', sha256: hashCredential(apiKey), tenant: 'acme', livemode: false }];
    const sordino = await composeSordino(config, keys, options.log ?? silentLog, {
      validateResponses: options.validateResponses ?? false,
      ...(trace ? { trace } : {}),
    });
    const scene = new CallScene({ world, gateway, sordino, apiKey, config });
    await world.customer.call();
    await world.platform.untilEstablished();
    return scene;
  }

  clientWith(token: string): SessionClient {
    return new SessionClient({
      baseUrl: this.sordino.api,
      token,
      pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    });
  }

  /** A session for the call, and a follower of its events. */
  async createSession(
    over: Partial<CreateSessionBody> = {},
  ): Promise<{ session: SessionObject; follower: SessionFollower }> {
    const session = answerOf(await this.client.create(aSessionBody(over), randomUUID()));
    const follower = new SessionFollower(this.client, session.id, () => {});
    this.#followers.push(follower);
    return { session, follower };
  }

  /** The platform brings the call to a session's rendezvous. */
  divert(
    session: SessionObject,
    behaviour: PlatformBehaviour = {},
    offer: Leg5Offer = 'none',
  ): Promise<DivertOutcome> {
    if (session.rendezvous === null) throw new Error(`${session.id} has no rendezvous`);
    this.#correlations += 1;
    return this.world.platform.divert({
      sordino: session.rendezvous,
      offer,
      correlation: `corr-${this.#correlations}`,
      behaviour,
    });
  }

  /** A session whose customer may key: engaged and ready. */
  async readySession(
    over: Partial<CreateSessionBody> = {},
    behaviour: PlatformBehaviour = {},
    offer: Leg5Offer = 'none',
  ): Promise<{ session: SessionObject; follower: SessionFollower }> {
    const { session, follower } = await this.createSession(over);
    const diverted = this.divert(session, behaviour, offer);
    await follower.until('session.ready');
    await diverted;
    return { session, follower };
  }

  /** Legs 5 and 7 as they crossed the platform's sockets, without times. `from`: leave out so many messages. */
  ladder(from = 0): string {
    return platformLadder(this.world, from);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#followers.map((follower) => follower[Symbol.asyncDispose]()));
    await this.world.stop();
    await this.sordino.close();
    await this.gateway.close();
  }
}

/** REFER has a desk of its own; an INVITE with Replaces goes where every call goes. */
const askedAt = ({ platform }: LocalWorld, form: Config['platforms'][number]['refer']['form']): string =>
  form === 'replaces' ? platform.uri : platform.referUri;

export function aSessionBody(over: Partial<CreateSessionBody> = {}): CreateSessionBody {
  return {
    call: { platform: 'plt_main', call_id: CALL_ID, ani: '+447700900123' },
    intent: { type: 'charge', amount: 4_999, currency: 'gbp', reference: 'INV-7' },
    ...over,
  };
}

export function answerOf<Value>(answer: ApiAnswer<Value>): Value {
  if (answer.ok) return answer.value;
  throw new Error(`the API answered ${answer.status} ${answer.error.code}: ${answer.error.message}`);
}

export const typesOf = (events: readonly EventEnvelope[]): string[] => events.map(({ type }) => type);
