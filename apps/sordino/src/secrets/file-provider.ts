import { fstatSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { SecretProvider } from './provider.ts';

/** A secret is one line, or a few hundred bytes that a service sealed. */
export const SECRET_BYTES_MAX = 8_192;
/** Read, write or search for everybody on the machine. */
const OTHERS = 0o007;

/** `file:/path`: one secret a file, that only its owner and its group may read. */
export const fileProvider: SecretProvider = {
  scheme: 'file',
  example: 'file:/run/credentials/sordino/gateway-key',
  async read(path) {
    return withoutLineBreak(await readPrivateFile(path));
  },
};

export async function readPrivateFile(path: string): Promise<Uint8Array> {
  const file = await open(path).catch((error: NodeJS.ErrnoException) => {
    throw new Error(`${path} cannot be read (${error.code ?? 'error'})`);
  });
  try {
    // Of the open file: between a look at a name and its opening it could become another one.
    const { mode, size } = fstatSync(file.fd);
    if ((mode & OTHERS) !== 0)
      throw new Error(`${path} may be read or changed by everybody on this machine: chmod 600 ${path}`);
    if (size > SECRET_BYTES_MAX) throw new Error(`${path} is longer than ${SECRET_BYTES_MAX} bytes`);
    return await file.readFile();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw code === undefined ? error : new Error(`${path} cannot be read (${code})`);
  } finally {
    await file.close();
  }
}

export function withoutLineBreak(bytes: Uint8Array): Uint8Array {
  let end = bytes.length;
  while (end > 0 && (bytes[end - 1] === 0x0a || bytes[end - 1] === 0x0d)) end -= 1;
  return bytes.subarray(0, end);
}
