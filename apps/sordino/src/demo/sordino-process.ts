import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hashCredential, makeApiKey } from '@sordino/app-payments';
import { stringify } from 'yaml';
import { randomBytes } from '../system.ts';
import { runSordino, type SordinoRun } from './sordino-run.ts';

export interface SordinoProcessOptions {
  readonly returnUri: string;
  readonly gatewayUrl: string;
  readonly commit: 'after_leg7' | 'at_once';
  /** Of the media. Default: none. */
  readonly crypto?: 'none' | 'sdes';
  readonly leg5Media: 'customer' | 'customer_after_reinvite';
  /** Of the rendezvous, and so of leg 5. */
  readonly transport: 'udp' | 'tcp';
  /** The `sip` section as it is to be, where two listening points on loopback are not what is wanted. */
  readonly sip?: object;
  /** How and where Sordino asks for its calls; default: it is not allowed to. */
  readonly refer?: { readonly form: 'target_dialog' | 'replaces'; readonly targetUri: string };
  /** Of an earlier run, whose journal is taken up; default: a new one, which is gone after `stop`. */
  readonly directory?: string;
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

export interface SordinoProcess extends SordinoRun {
  readonly apiUrl: string;
  readonly apiKey: string;
  /** `udp:127.0.0.1:5060 tcp:127.0.0.1:5060` */
  readonly sip: string;
  /** Where its configuration and its journal are. */
  readonly directory: string;
  /** SIGTERM, and waits for the end. */
  stop(): Promise<number | null>;
}

/** Runs `sordino start --config FILE` as processes of their own, guardian and service, and waits until it is ready. */
export async function startSordino(options: SordinoProcessOptions): Promise<SordinoProcess> {
  const directory = options.directory ?? (await mkdtemp(join(tmpdir(), 'sordino-run-')));
  const apiKey = makeApiKey(false, randomBytes);
  const configFile = join(directory, 'config.yaml');
  await writeFile(configFile, stringify(configOf(options, directory, apiKey)), { mode: 0o600 });

  const run = runSordino(['start', '--config', configFile], options);
  const stop = async (): Promise<number | null> => {
    run.kill('SIGTERM');
    const { status } = await run.ended;
    if (options.directory === undefined) await rm(directory, { recursive: true, force: true });
    return status;
  };
  try {
    const { api, sip } = await run.untilReady();
    return { ...run, apiUrl: api, apiKey, sip, directory, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function configOf(options: SordinoProcessOptions, directory: string, apiKey: string): object {
  const host = '127.0.0.1';
  const other = options.transport === 'udp' ? 'tcp' : 'udp';
  return {
    sip: options.sip ?? {
      listen: [options.transport, other].map((protocol) => ({ protocol, host, port: 0 })),
    },
    media: { host, port_min: 0, port_max: 0 },
    api: {
      host,
      port: 0,
      keys: [{ sha256: hashCredential(apiKey), tenant: 'demo' }],
    },
    store: { kind: 'journal', directory: join(directory, 'store') },
    platforms: [
      {
        id: 'plt_main',
        return_uri: options.returnUri,
        commit: options.commit,
        leg5_media: options.leg5Media,
        crypto: options.crypto,
        correlation_headers: ['X-Sim-Call'],
        ...(options.refer && { refer: { form: options.refer.form, target_uri: options.refer.targetUri } }),
      },
    ],
    connectors: [{ id: 'con_sandbox', type: 'sandbox', url: options.gatewayUrl }],
  };
}
