import { randomBytes } from 'node:crypto';
import { hashCredential, makeApiKey } from '@sordino/app-payments';
import { SessionClient, silentLog } from '@sordino/core';
import { type ConfigInput, composeSordino, configSchema, type Sordino } from '@sordino/sordino';
import { HOST } from './call-scene.ts';

export interface RunningSordino extends AsyncDisposable {
  readonly sordino: Sordino;
  readonly client: SessionClient;
}

/** A create request for a call that nobody will ever send. */
export const A_SESSION = {
  call: { platform: 'plt_main', call_id: 'e-91' },
  intent: { type: 'charge', amount: 4999, currency: 'gbp' },
} as const;

/** Sordino as `sordino start` composes it, with a journal in `directory` and no world around it. It can be started again and again. */
export class BareSordino {
  readonly apiKey = makeApiKey(false, randomBytes);
  readonly #directory: string;
  readonly #over: ConfigInput;

  constructor(directory: string, over: ConfigInput = {}) {
    this.#directory = directory;
    this.#over = over;
  }

  async start(): Promise<RunningSordino> {
    const config = configSchema.parse({
      sip: { listen: [{ protocol: 'udp', host: HOST, port: 0 }] },
      media: { host: HOST, port_min: 0, port_max: 0 },
      api: { host: HOST, port: 0 },
      store: { kind: 'journal', directory: this.#directory },
      ...this.#over,
    });
    const keys = [{ id: 'key_test', sha256: hashCredential(this.apiKey), tenant: 'acme', livemode: false }];
    const sordino = await composeSordino(config, keys, silentLog, { validateResponses: true });
    const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
    const client = new SessionClient({ baseUrl: sordino.api, token: this.apiKey, pause });
    return { sordino, client, [Symbol.asyncDispose]: () => sordino.close() };
  }
}
