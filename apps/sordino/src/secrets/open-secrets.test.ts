import { execFileSync } from 'node:child_process';
import {
  constants,
  createCipheriv,
  createDecipheriv,
  createPublicKey,
  publicEncrypt,
  randomBytes,
} from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openSecrets } from './open-secrets.ts';
import { readSigningSecret } from './signing-secret.ts';

const directory = mkdtempSync(join(tmpdir(), 'sordino-secrets-'));
const SECRET = 'gw_live_7f3a';
const WHERE = 'connector con_a: secrets.api_key';
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function aFile(name: string, content: string | Uint8Array, mode = 0o600): string {
  const file = join(directory, name);
  writeFileSync(file, content, { mode });
  return file;
}

const textOf = async (secret: Promise<Uint8Array>): Promise<string> => Buffer.from(await secret).toString();
const problemOf = (secret: Promise<unknown>): Promise<string> =>
  secret.then(
    () => 'it was read',
    (error: Error) => error.message,
  );

describe('a secret in a file', () => {
  it.each([`${SECRET}`, `${SECRET}\n`, `${SECRET}\r\n`])('is its one line: %j', async (content) => {
    const read = await openSecrets({}, {});
    expect(await textOf(read(`file:${aFile('line', content)}`, WHERE))).toBe(SECRET);
  });

  it.each([
    [
      'world-readable',
      () => aFile('open', SECRET, 0o644),
      /may be read or changed by everybody.*: chmod 600/,
    ],
    ['world-writable', () => aFile('writable', SECRET, 0o602), /may be read or changed by everybody/],
    ['missing', () => join(directory, 'none'), /cannot be read \(ENOENT\)/],
    ['a directory', () => directory, /cannot be read|everybody/],
    ['empty', () => aFile('empty', '\n'), /the secret is empty/],
    ['a whole log', () => aFile('long', 'x'.repeat(9_000)), /longer than 8192 bytes/],
  ])('%s: refused, naming the key and not the secret', async (_case, make, message) => {
    const file = make();
    // The mask of the process must not hide what the test asks for.
    if (_case.startsWith('world')) execFileSync('chmod', [_case === 'world-readable' ? '644' : '602', file]);
    const problem = await problemOf((await openSecrets({}, {}))(`file:${file}`, WHERE));
    expect(problem).toMatch(message);
    expect(problem).toContain(WHERE);
    expect(problem).not.toContain(SECRET);
  });
});

describe('a secret in the environment', () => {
  it('is taken out of it, and still there for who asks again', async () => {
    const environment: NodeJS.ProcessEnv = { GATEWAY_KEY: SECRET, OTHER: 'x' };
    const read = await openSecrets({}, environment);
    expect(await textOf(read('env:GATEWAY_KEY', WHERE))).toBe(SECRET);
    expect(environment).toEqual({ OTHER: 'x' });
    expect(await textOf(read('env:GATEWAY_KEY', WHERE))).toBe(SECRET);
    expect(await problemOf(read('env:NONE', WHERE))).toBe(`${WHERE}: the environment has no NONE`);
  });

  it.each([SECRET, `sk:${SECRET}`, 'vault:secret/a#b', 'pkcs11:01:/x'])(
    'what is no reference to a provider that is there is not repeated: %s',
    async (reference) => {
      const problem = await problemOf((await openSecrets({}, {}))(reference, WHERE));
      expect(problem).toMatch(/must be a reference whose provider is configured, such as file:/);
      expect(problem).not.toContain(SECRET);
    },
  );

  it('a signing secret has the form of Standard Webhooks', async () => {
    const key = randomBytes(32);
    const read = await openSecrets({}, { GOOD: `whsec_${key.toString('base64')}`, BAD: `whsec_${SECRET}` });
    expect(Buffer.from(await readSigningSecret(read, 'env:GOOD', WHERE))).toEqual(key);
    const problem = await problemOf(readSigningSecret(read, 'env:BAD', WHERE));
    expect(problem).toMatch(/must be one line like whsec_/);
    expect(problem).not.toContain(SECRET);
  });
});

/** Vault as its API documentation has it: KV version 2 at `secret`, transit at `transit`, errors as `{"errors":[…]}`. */
class LoopbackVault {
  readonly token = `hvs.${randomBytes(16).toString('hex')}`;
  readonly asked: string[] = [];
  readonly #server: Server;
  readonly #key = randomBytes(32);

  constructor() {
    this.#server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      this.asked.push(`${request.method} ${request.url}`);
      const { status, body } = this.#answer(
        request.method,
        request.url,
        request.headers,
        Buffer.concat(chunks),
      );
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
  }

  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.close();
  }

  seal(plaintext: string): string {
    const iv = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', this.#key, iv);
    const sealed = Buffer.concat([iv, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
    return `vault:v1:${sealed.toString('base64')}`;
  }

  #answer(
    method: string | undefined,
    url: string | undefined,
    headers: NodeJS.Dict<string | string[]>,
    body: Buffer,
  ): { readonly status: number; readonly body: object } {
    if (headers['x-vault-token'] !== this.token || headers['x-vault-namespace'] !== 'payments')
      return { status: 403, body: { errors: ['permission denied'] } };
    if (method === 'GET' && url === '/v1/secret/data/sordino/gateway')
      return {
        status: 200,
        body: {
          ...{ request_id: 'r', lease_id: '', renewable: false, lease_duration: 0, auth: null },
          data: { data: { api_key: SECRET, tries: 3 }, metadata: { version: 2, destroyed: false } },
        },
      };
    if (method === 'POST' && url === '/v1/transit/decrypt/sordino') {
      const { ciphertext } = JSON.parse(body.toString()) as { ciphertext: string };
      const sealed = Buffer.from(ciphertext.slice('vault:v1:'.length), 'base64');
      try {
        const decipher = createDecipheriv('aes-256-gcm', this.#key, sealed.subarray(0, 12));
        decipher.setAuthTag(sealed.subarray(-16));
        const plaintext = Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()]);
        return { status: 200, body: { data: { plaintext: plaintext.toString('base64') } } };
      } catch {
        return { status: 400, body: { errors: [`cipher: message authentication failed: ${ciphertext}`] } };
      }
    }
    if (url === '/v1/sealed/data/a') return { status: 503, body: { errors: ['Vault is sealed'] } };
    return { status: 404, body: { errors: [] } };
  }
}

describe('a secret in Vault', () => {
  const vault = new LoopbackVault();
  let url = '';
  beforeAll(async () => {
    url = await vault.listen();
  });
  afterAll(() => vault.close());

  const open = (token = vault.token) =>
    openSecrets(
      { vault: { url: `${url}/`, token: `file:${aFile('token', token)}`, namespace: 'payments' } },
      {},
    );

  it('is a field of the KV engine', async () => {
    expect(await textOf((await open())('vault:secret/sordino/gateway#api_key', WHERE))).toBe(SECRET);
  });

  it('is opened by transit', async () => {
    const file = aFile('sealed', `${vault.seal(SECRET)}\n`);
    expect(await textOf((await open())(`vault-transit:transit/sordino:${file}`, WHERE))).toBe(SECRET);
  });

  it.each([
    ['vault:secret/sordino/gateway#none', /has no text none in secret\/sordino\/gateway/],
    ['vault:secret/sordino/gateway#tries', /has no text tries/],
    ['vault:secret/none#a', /404: there is nothing at this path/],
    ['vault:sealed/a#a', /503: it is sealed/],
    ['vault:secret', /must be vault:MOUNT\/PATH#FIELD/],
    ['vault-transit:transit:/x', /must be vault-transit:MOUNT/],
  ])('%s: %s', async (reference, message) => {
    expect(await problemOf((await open())(reference, WHERE))).toMatch(message);
  });

  it('what another key sealed is refused, and not repeated', async () => {
    const forged = new LoopbackVault().seal(SECRET);
    const problem = await problemOf(
      (await open())(`vault-transit:transit/sordino:${aFile('forged', forged)}`, WHERE),
    );
    expect(problem).toMatch(/400: it was not sealed by this key/);
    expect(problem).not.toContain('vault:v1');
  });

  it('a wrong token and a Vault that is not there are told', async () => {
    const wrong = await open('hvs.wrong');
    expect(await problemOf(wrong('vault:secret/sordino/gateway#api_key', WHERE))).toMatch(
      /403: the token is wrong/,
    );
    const gone = await openSecrets({ vault: { url: 'http://127.0.0.1:1', token: 'env:T' } }, { T: 'hvs.x' });
    const problem = await problemOf(gone('vault:secret/sordino/gateway#api_key', WHERE));
    expect(problem).toMatch(/cannot be reached \(ECONNREFUSED\)/);
    expect(problem).not.toContain('hvs.');
  });
});

describe('a secret that a key in a PKCS #11 token opens (SoftHSM)', () => {
  const MODULE = '/usr/lib/softhsm/libsofthsm2.so';
  const PIN = '734512';
  const before = process.env.SOFTHSM2_CONF;
  // Jest's environment is a copy: without it children would use the tokens of the machine.
  const quietly = () => ({ stdio: 'pipe', env: { ...process.env } }) as const;
  const tool = (...args: string[]) =>
    execFileSync('pkcs11-tool', ['--module', MODULE, '--token-label', 'sordino', ...args], quietly());

  beforeAll(() => {
    mkdirSync(join(directory, 'tokens'));
    process.env.SOFTHSM2_CONF = aFile(
      'softhsm2.conf',
      `directories.tokendir = ${join(directory, 'tokens')}\n`,
    );
    const init = ['--init-token', '--free', '--label', 'sordino', '--pin', PIN, '--so-pin', '99887766'];
    execFileSync('softhsm2-util', init, quietly());
    for (const id of ['01', '02'])
      tool('--login', '--pin', PIN, '--keypairgen', '--key-type', 'rsa:2048', '--id', id, '--usage-decrypt');
  });
  afterAll(() => {
    if (before === undefined) delete process.env.SOFTHSM2_CONF;
    else process.env.SOFTHSM2_CONF = before;
  });

  const open = (pin = PIN) =>
    openSecrets(
      {
        pkcs11: { module: MODULE, token: 'sordino', pin: `file:${aFile('pin', `${pin}\n`)}`, hash: 'SHA-1' },
      },
      {},
    );

  function sealedTo(id: string): string {
    const file = join(directory, 'public.der');
    tool('--read-object', '--type', 'pubkey', '--id', id, '--output-file', file);
    const key = createPublicKey({ key: readFileSync(file), format: 'der', type: 'spki' });
    const padding = constants.RSA_PKCS1_OAEP_PADDING;
    return aFile(`sealed-${id}`, publicEncrypt({ key, padding, oaepHash: 'sha1' }, Buffer.from(SECRET)));
  }

  it('is read, and the key cannot leave the token', async () => {
    expect(await textOf((await open())(`pkcs11:01:${sealedTo('01')}`, WHERE))).toBe(SECRET);
    const objects = tool('--login', '--pin', PIN, '--list-objects', '--type', 'privkey').toString();
    expect(objects).toMatch(/never extractable/);
  });

  it('is not read with another key, a wrong PIN, a key that is not there', async () => {
    const file = sealedTo('01');
    expect(await problemOf((await open())(`pkcs11:02:${file}`, WHERE))).toMatch(
      /did not open it with key 02 \(CKR_/,
    );
    expect(await problemOf((await open())(`pkcs11:0f:${file}`, WHERE))).toMatch(/key not found/);
    const problem = await problemOf((await open('000000'))(`pkcs11:01:${file}`, WHERE));
    expect(problem).toMatch(/CKR_PIN_INCORRECT/);
    expect(problem).not.toContain('000000');
    expect(await problemOf((await open())('pkcs11:key:/x', WHERE))).toMatch(/must be pkcs11:ID/);
  });
});
