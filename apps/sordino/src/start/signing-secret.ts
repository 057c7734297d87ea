import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** Standard Webhooks: 24 to 64 random bytes in base64 behind this. */
const SECRET = /^whsec_([A-Za-z0-9+/]{32,88}={0,2})$/;
const SECRET_BYTES_MIN = 24;

/** Throws where one cannot be read: a signature that nobody can verify is worse than none. No message repeats what a file holds. */
export const readSigningSecrets = (files: readonly string[], whose: string): readonly Uint8Array[] =>
  files.map((file, index) => readSecret(file, `${whose}: secret_files[${index}]`));

export function hmacSha256(key: Uint8Array, ...parts: readonly (string | Uint8Array)[]): string {
  const mac = createHmac('sha256', key);
  for (const part of parts) mac.update(part);
  return mac.digest('base64');
}

function readSecret(file: string, where: string): Uint8Array {
  let text: string;
  try {
    text = readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new Error(`${where}: ${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'error'})`);
  }
  const secret = Buffer.from(SECRET.exec(text)?.[1] ?? '', 'base64');
  if (secret.length < SECRET_BYTES_MIN)
    throw new Error(
      `${where}: ${file} must hold one line like whsec_… (make one: echo "whsec_$(head -c 32 /dev/urandom | base64)")`,
    );
  return secret;
}
