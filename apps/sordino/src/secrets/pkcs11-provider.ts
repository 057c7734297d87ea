import { spawn } from 'node:child_process';
import { readPrivateFile } from './file-provider.ts';
import type { SecretProvider } from './provider.ts';

/** Of OpenSC. */
const TOOL = 'pkcs11-tool';
/** A network HSM may take seconds to log in. */
const TIMEOUT_MS = 30_000;
const PIN_VARIABLE = 'SORDINO_PKCS11_PIN';

export interface Pkcs11Options {
  /** The maker's library, such as /usr/lib/softhsm/libsofthsm2.so. */
  readonly module: string;
  /** Label of the token. */
  readonly token: string;
  readonly pin: Uint8Array;
  /** Of OAEP, as the secret was sealed. */
  readonly hash: 'SHA-1' | 'SHA256';
}

/**
 * `pkcs11:ID:/path`: what a file holds, sealed by RSA-OAEP to a key that never leaves its token. The maker's library runs in a process of
 * its own (decision 0029): it is native code of a stranger, and this process holds cards.
 */
export const pkcs11Provider = (options: Pkcs11Options): SecretProvider => ({
  scheme: 'pkcs11',
  example: 'pkcs11:01:/etc/sordino/gateway-key.sealed',
  async read(locator) {
    const [, id, file] = /^([0-9a-fA-F]{2,64}):(.+)$/.exec(locator) ?? [];
    if (id === undefined || file === undefined)
      throw new Error('must be pkcs11:ID:/path/to/what/was/sealed, ID of the private key in hex');
    return decrypt(options, id, await readPrivateFile(file));
  },
});

function decrypt(
  { module, token, pin, hash }: Pkcs11Options,
  id: string,
  sealed: Uint8Array,
): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const args = ['--module', module, '--token-label', token, '--login', '--pin', `env:${PIN_VARIABLE}`];
    const how = ['--decrypt', '--mechanism', 'RSA-PKCS-OAEP', '--hash-algorithm', hash, '--id', id];
    const child = spawn(TOOL, [...args, ...how], {
      env: { ...process.env, [PIN_VARIABLE]: Buffer.from(pin).toString('utf8') },
      timeout: TIMEOUT_MS,
    });
    const opened: Buffer[] = [];
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => opened.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString('latin1');
    });
    child.on('error', (error: NodeJS.ErrnoException) =>
      reject(
        new Error(error.code === 'ENOENT' ? `${TOOL} is not installed: it is in the package opensc` : TOOL),
      ),
    );
    child.on('close', (status) => {
      if (status === 0 && opened.length > 0) resolve(Buffer.concat(opened));
      else reject(new Error(`the token ${token} did not open it with key ${id} (${reasonIn(said)})`));
    });
    // A tool that is gone before it reads says why by its end.
    child.stdin.on('error', () => {});
    child.stdin.end(sealed);
  });
}

/** Its own words name libraries and slots; a return value of PKCS #11 or what was not found is enough. */
const reasonIn = (said: string): string =>
  /CKR_[A-Z_]+/.exec(said)?.[0] ??
  /[^\n:]*not found|No slot[^\n]*found/i.exec(said)?.[0]?.trim() ??
  'no reason given';
