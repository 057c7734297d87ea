import type { Log, PlatformObject, Scheduler } from '@sordino/core';
import type { SipCalls } from '../ports/sip-calls.ts';
import { NumberPool } from '../rendezvous/number-pool.ts';
import { OptionsProbe } from './options-probe.ts';
import type { PlatformProfile } from './profile.ts';

export interface PlatformsParts {
  readonly sip: Pick<SipCalls, 'options'>;
  readonly scheduler: Scheduler;
  readonly log: Log;
}

interface Known {
  readonly profile: PlatformProfile;
  readonly pool: NumberPool;
  readonly probe: OptionsProbe;
}

/** The configured platforms, and what is known of each while the process runs. */
export class Platforms {
  readonly #known: ReadonlyMap<string, Known>;
  readonly #scheduler: Scheduler;

  constructor(profiles: readonly PlatformProfile[], { sip, scheduler, log }: PlatformsParts) {
    this.#scheduler = scheduler;
    this.#known = new Map(
      profiles.map((platform) => [
        platform.id,
        {
          profile: platform,
          pool: new NumberPool(platform.numberPool, platform.numberCoolDownMs),
          probe: new OptionsProbe({ platform, sip, scheduler, log }),
        },
      ]),
    );
  }

  /** The pools of all of them. */
  get numbers(): readonly string[] {
    return [...this.#known.values()].flatMap(({ profile }) => profile.numberPool);
  }

  get(id: string): PlatformProfile | undefined {
    return this.#known.get(id)?.profile;
  }

  /** A one-time number of the platform's pool; null when none is free. */
  takeNumber(id: string): string | null {
    return this.#known.get(id)?.pool.take(this.#scheduler.wallMs()) ?? null;
  }

  /** Nobody is to be reached by this number any more; it rests for a while. */
  releaseNumber(id: string, number: string): void {
    this.#known.get(id)?.pool.release(number, this.#scheduler.wallMs());
  }

  startProbes(): void {
    for (const { probe } of this.#known.values()) probe.start();
  }

  stopProbes(): void {
    for (const { probe } of this.#known.values()) probe.stop();
  }

  list(): readonly PlatformObject[] {
    return [...this.#known.values()].map((known) => this.#view(known));
  }

  read(id: string): PlatformObject | undefined {
    const known = this.#known.get(id);
    return known && this.#view(known);
  }

  /** Asks the platform now. `too_soon`: one is under way, or was a moment ago. */
  async probe(id: string): Promise<PlatformObject | 'too_soon' | undefined> {
    const known = this.#known.get(id);
    if (known === undefined) return undefined;
    return (await known.probe.now()) ? this.#view(known) : 'too_soon';
  }

  #view({ profile, pool, probe }: Known): PlatformObject {
    return {
      id: profile.id,
      object: 'platform',
      return_uri: profile.returnUri,
      return_header: profile.returnHeader ?? null,
      return_hosts: profile.returnHosts,
      transport: transportOf(profile.returnUri),
      commit: profile.commit,
      leg5_media: profile.leg5Media,
      correlation_headers: profile.correlationHeaders,
      codecs: profile.codecs,
      crypto: profile.crypto,
      refer: {
        form: profile.refer.form,
        target_uri: profile.refer.targetUri ?? null,
        notify_timeout_ms: profile.refer.notifyTimeoutMs,
      },
      timers: {
        leg7_answer_ms: profile.timers.leg7AnswerMs,
        first_media_ms: profile.timers.firstMediaMs,
        stalled_media_ms: profile.timers.stalledMediaMs,
        take_back_ms: profile.timers.takeBackMs,
      },
      session_timer: { expires_s: profile.sessionTimer.expiresS, min_se_s: profile.sessionTimer.minSeS },
      e164_pool: { ...pool.sizes(this.#scheduler.wallMs()), required: profile.numberRequired },
      probe: probe.view(),
    };
  }
}

/** Null: the URI leaves it to DNS, or to the first listening point. */
function transportOf(uri: string): string | null {
  const named = /;transport=([a-z]+)/i.exec(uri)?.[1]?.toLowerCase();
  return named ?? (uri.toLowerCase().startsWith('sips:') ? 'tls' : null);
}
