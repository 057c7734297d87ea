import { fetchBytesTo } from '@sordino/app-payments';
import type { FetchBytes } from '@sordino/payments';
import { readPrivateFile, withoutLineBreak } from './file-provider.ts';
import type { SecretProvider } from './provider.ts';

/** It is asked at the start only; who starts a service waits for it. */
const ANSWER_TIMEOUT_MS = 10_000;

export interface VaultOptions {
  /** `https://vault.example.com:8200`, without a slash at its end. */
  readonly url: string;
  readonly token: Uint8Array;
  readonly namespace?: string | undefined;
}

/** Vault's HTTP API, KV version 2 (GET /v1/:mount/data/:path) and transit (POST /v1/:mount/decrypt/:key), or a server that speaks it. */
export function vaultProviders(options: VaultOptions): readonly SecretProvider[] {
  const vault = new Vault(options);
  return [
    {
      scheme: 'vault',
      example: 'vault:secret/sordino/gateway#api_key',
      read: (locator) => vault.field(locator),
    },
    {
      scheme: 'vault-transit',
      example: 'vault-transit:transit/sordino:/etc/sordino/gateway-key.sealed',
      read: (locator) => vault.unsealed(locator),
    },
  ];
}

class Vault {
  readonly #options: VaultOptions;
  readonly #fetchBytes: FetchBytes;

  constructor(options: VaultOptions) {
    this.#options = options;
    this.#fetchBytes = fetchBytesTo({ origins: [new URL(options.url).origin], reach: 'any' });
  }

  async field(locator: string): Promise<Uint8Array> {
    const [, mount, path, field] = /^([^/#]+)\/([^#]+)#([^#]+)$/.exec(locator) ?? [];
    if (mount === undefined || path === undefined || field === undefined)
      throw new Error('must be vault:MOUNT/PATH#FIELD');
    const answer = await this.#ask('GET', `${mount}/data/${path}`, undefined);
    const value = member(member(answer, 'data'), field);
    if (typeof value !== 'string') throw new Error(`vault has no text ${field} in ${mount}/${path}`);
    return Buffer.from(value);
  }

  async unsealed(locator: string): Promise<Uint8Array> {
    const [, mount, key, file] = /^([^/:]+)\/([^/:]+):(.+)$/.exec(locator) ?? [];
    if (mount === undefined || key === undefined || file === undefined)
      throw new Error('must be vault-transit:MOUNT/KEY:/path/to/what/it/sealed');
    const ciphertext = Buffer.from(withoutLineBreak(await readPrivateFile(file))).toString('utf8');
    const answer = await this.#ask('POST', `${mount}/decrypt/${key}`, { ciphertext });
    const plaintext = member(answer, 'plaintext');
    if (typeof plaintext !== 'string') throw new Error(`vault opened nothing with ${mount}/${key}`);
    return Buffer.from(plaintext, 'base64');
  }

  /** The `data` of its answer. What it says of an error may repeat what was sent, and is not passed on. */
  async #ask(method: 'GET' | 'POST', path: string, body: object | undefined): Promise<unknown> {
    const { url, token, namespace } = this.#options;
    const outcome = await this.#fetchBytes({
      method,
      url: `${url}/v1/${path.split('/').map(encodeURIComponent).join('/')}`,
      headers: {
        'X-Vault-Token': Buffer.from(token).toString('latin1'),
        'X-Vault-Request': 'true',
        ...(namespace === undefined ? {} : { 'X-Vault-Namespace': namespace }),
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      },
      body: body === undefined ? undefined : Buffer.from(JSON.stringify(body)),
      timeoutMs: ANSWER_TIMEOUT_MS,
    });
    if (outcome.kind !== 'answered') throw new Error(`vault at ${url} cannot be reached (${outcome.code})`);
    if (outcome.status !== 200) throw new Error(`vault answered ${path} with ${why(outcome.status)}`);
    try {
      return member(JSON.parse(Buffer.from(outcome.body).toString('utf8')), 'data');
    } catch {
      throw new Error(`vault at ${url} answered something that is not JSON: is it Vault?`);
    }
  }
}

const member = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;

function why(status: number): string {
  if (status === 400) return '400: it was not sealed by this key';
  if (status === 403) return '403: the token is wrong, has expired, or has no policy for this path';
  if (status === 404) return '404: there is nothing at this path';
  return status === 503 ? '503: it is sealed or in maintenance' : String(status);
}
