import { hashCredential, makeApiKey } from '@sordino/app-payments';
import { SessionClient } from '@sordino/core';
import type { Config } from '../config/schema.ts';
import { composeSordino, type Sordino, type SordinoOptions } from '../start/compose.ts';
import { randomBytes } from '../system.ts';
import { CheckLog } from './check-log.ts';
import { WireRecord } from './wire-record.ts';

type Platform = Config['platforms'][number];

/** Sordino as it is configured, for one test call: same addresses, same platform, and nothing of the service's own data. */
export class SordinoUnderCheck implements AsyncDisposable {
  readonly client: SessionClient;
  readonly wire: WireRecord;
  readonly logged: CheckLog;
  readonly #sordino: Sordino;

  private constructor(sordino: Sordino, wire: WireRecord, logged: CheckLog, apiKey: string) {
    this.logged = logged;
    this.#sordino = sordino;
    this.wire = wire;
    this.client = new SessionClient({
      baseUrl: sordino.api,
      token: apiKey,
      pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    });
  }

  /** Rejects when an address is taken: by a Sordino that runs, most likely. */
  static async open(
    config: Config,
    platform: Platform,
    options: Pick<SordinoOptions, 'observeMedia'> = {},
  ): Promise<SordinoUnderCheck> {
    const wire = new WireRecord();
    const logged = new CheckLog();
    const apiKey = makeApiKey(false, randomBytes);
    const record = {
      id: 'key_check',
      sha256: hashCredential(apiKey),
      tenant: 'check-platform',
      livemode: false,
    };
    const sordino = await composeSordino(checkConfig(config, platform), [record], logged.log, {
      ...options,
      trace: wire.trace,
    });
    return new SordinoUnderCheck(sordino, wire, logged, apiKey);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#sordino.close();
  }
}

/** The journal of the service stays closed, and no card can be charged: nobody listens where the connector points. */
function checkConfig(config: Config, platform: Platform): Config {
  return {
    ...config,
    api: { ...config.api, host: '127.0.0.1', port: 0, keys: [] },
    store: { ...config.store, kind: 'memory' },
    // Asked when the check wants it, so that no OPTIONS stands in the middle of a ladder.
    platforms: [{ ...platform, probe: { interval_s: 0 } }],
    connectors: [
      {
        id: 'con_check',
        type: 'sandbox',
        livemode: false,
        settings: {},
        secrets: {},
        reverse_on_unknown: false,
        url: 'http://127.0.0.1:9',
      },
    ],
  };
}
