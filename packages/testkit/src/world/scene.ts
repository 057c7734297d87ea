import { audioDelay } from '../measure/audio-delay.ts';
import { simSip } from '../phone/open-sim-sip.ts';
import type { SimulatedPhone } from '../phone/simulated-phone.ts';
import type { DivertRequest } from '../platform/divert-request.ts';
import { MinimalInterceptor, type MinimalInterceptorOptions } from '../platform/minimal-interceptor.ts';
import { hostNowMs } from '../rtp/host-clock.ts';
import type { RtpPhone } from '../rtp/rtp-phone.ts';
import { type LocalWorld, startLocalWorld } from './local-world.ts';
import type { WorldOptions } from './setup.ts';

const HOST = '127.0.0.1';
/** What is listened to, and what may still be on its way to the ear. */
const LISTEN_MS = 400;
const ON_ITS_WAY_MS = 100;
/** Two different voices stay below 0.3; one that stumbles on a busy machine is above. */
const ALIKE = 0.6;
const POLL_MS = 10;
/** No figure of a test: only so that a broken test ends. */
const PATIENCE_MS = 12_000;

/** Customer and agent in a call through the platform, and a minimal interceptor that has tokens `tok_1` to `tok_9`. */
export class Scene implements AsyncDisposable {
  readonly world: LocalWorld;
  readonly interceptor: MinimalInterceptor;
  #correlations = 0;

  private constructor(world: LocalWorld, interceptor: MinimalInterceptor) {
    this.world = world;
    this.interceptor = interceptor;
  }

  static async open(
    options: {
      readonly world?: WorldOptions;
      readonly interceptor?: Partial<MinimalInterceptorOptions>;
    } = {},
  ): Promise<Scene> {
    const world = await startLocalWorld(options.world);
    const interceptor = await MinimalInterceptor.open({
      host: HOST,
      openSip: simSip({ host: HOST, name: 'interceptor' }),
      tokens: Array.from({ length: 9 }, (_, index) => `tok_${index + 1}`),
      ...options.interceptor,
    });
    await world.customer.call();
    await world.platform.untilEstablished();
    return new Scene(world, interceptor);
  }

  get customer(): SimulatedPhone {
    return this.world.parts.customer;
  }

  get agent(): SimulatedPhone {
    return this.world.parts.agent;
  }

  /** A divert request to the interceptor, with a correlation of its own. */
  request(request: Partial<DivertRequest> & { readonly token?: string } = {}): DivertRequest {
    const { token = 'tok_1', ...rest } = request;
    this.#correlations += 1;
    const sip_uri = this.interceptor.uri(token, request.transport);
    return { sordino: { sip_uri }, offer: 'none', correlation: `c-${this.#correlations}`, ...rest };
  }

  /** Both hear each other, as they speak now. */
  async untilBothTalk(): Promise<void> {
    await Promise.all([hears(this.agent, this.customer), hears(this.customer, this.agent)]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.world.stop();
    await this.interceptor.close();
  }
}

/** Resolves when `listener` hears what `talker` says now. */
export async function hears(listener: SimulatedPhone, talker: SimulatedPhone): Promise<void> {
  const sinceMs = hostNowMs();
  const what = 'the one hears what the other says';
  await until(
    what,
    () => {
      const toMs = hostNowMs() - ON_ITS_WAY_MS;
      return toMs - LISTEN_MS > sinceMs && correlation(talker.rtp, listener.rtp, toMs) > ALIKE;
    },
    LISTEN_MS / 2,
  );
}

/** How alike they are, from 0 to 1, over the last stretch. */
function correlation(talker: RtpPhone, listener: RtpPhone, toMs = hostNowMs() - ON_ITS_WAY_MS): number {
  const fromMs = toMs - LISTEN_MS;
  const heard = listener.heard.timeline(fromMs - ON_ITS_WAY_MS);
  return (
    audioDelay(talker.sent.timeline(), heard, { fromMs, toMs, delayMaxMs: ON_ITS_WAY_MS })?.correlation ?? 0
  );
}

export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  pollMs = POLL_MS,
): Promise<void> {
  const deadlineMs = hostNowMs() + PATIENCE_MS;
  while (!(await holds())) {
    if (hostNowMs() > deadlineMs) throw new Error(`waited ${PATIENCE_MS} ms in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}
