import { readFileSync } from 'node:fs';

/** A secret is one line; a longer file is not one. */
const SECRET_BYTES_MAX = 8_192;

/**
 * The secret behind `file:/path` or `env:NAME`, without the line break at its end. Throws where there is none; no message repeats what was read.
 */
export function readSecret(reference: string, where: string): Uint8Array {
  const [, way, name = ''] = /^(file|env):(.+)$/.exec(reference) ?? [];
  if (way === undefined) throw new Error(`${where}: must be file:/path or env:NAME`);
  const secret = trimmed(way === 'file' ? fileOf(name, where) : Buffer.from(process.env[name] ?? ''));
  if (secret.length === 0) throw new Error(`${where}: ${reference} is empty or not there`);
  if (secret.length > SECRET_BYTES_MAX)
    throw new Error(`${where}: ${reference} is longer than ${SECRET_BYTES_MAX} bytes`);
  return secret;
}

function fileOf(path: string, where: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new Error(`${where}: ${path} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'error'})`);
  }
}

function trimmed(bytes: Buffer): Uint8Array {
  let end = bytes.length;
  while (end > 0 && (bytes[end - 1] === 0x0a || bytes[end - 1] === 0x0d)) end -= 1;
  return bytes.subarray(0, end);
}
