import type { CertificateHealth, TlsCredentials } from './tls-credentials.ts';

/** How often the files are looked at, ms: a renewed certificate is in use within a minute, with no one's help. */
const LOOK_EVERY_MS = 60_000;
const DAY_MS = 86_400_000;

interface Kept {
  readonly credentials: TlsCredentials;
  readonly renew: () => void;
}

/** All certificates of one endpoint: takes renewed ones into use, and warns of those that end. */
export class CertificateKeeper {
  readonly #kept: Kept[] = [];
  #look: NodeJS.Timeout | undefined;
  #warn: NodeJS.Timeout | undefined;

  /** `renew` puts what `credentials` holds into use; connections that are up stay up. */
  keep(credentials: TlsCredentials, renew: () => void): void {
    this.#kept.push({ credentials, renew });
    credentials.warn();
    // Not timers of a call: they keep no process alive and are nothing to wait for.
    this.#look ??= setInterval(() => this.reload(), LOOK_EVERY_MS).unref();
    this.#warn ??= setInterval(() => {
      for (const { credentials } of this.#kept) credentials.warn();
    }, DAY_MS).unref();
  }

  /** Reads all files now. */
  reload(): void {
    for (const { credentials, renew } of this.#kept) if (credentials.reload()) renew();
  }

  health(): CertificateHealth[] {
    return this.#kept.flatMap(({ credentials }) => credentials.health() ?? []);
  }

  stop(): void {
    clearInterval(this.#look);
    clearInterval(this.#warn);
  }
}
