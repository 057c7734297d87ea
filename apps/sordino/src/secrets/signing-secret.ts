import type { ReadSecret } from './provider.ts';

/** Standard Webhooks: 24 to 64 random bytes in base64 behind this. */
const SECRET = /^whsec_([A-Za-z0-9+/]{32,88}={0,2})$/;
const SECRET_BYTES_MIN = 24;

/** Throws where one cannot be read: a signature that nobody can verify is worse than none. No message repeats what was read. */
export async function readSigningSecret(
  read: ReadSecret,
  reference: string,
  where: string,
): Promise<Uint8Array> {
  const text = Buffer.from(await read(reference, where)).toString('latin1');
  const secret = Buffer.from(SECRET.exec(text)?.[1] ?? '', 'base64');
  if (secret.length < SECRET_BYTES_MIN)
    throw new Error(
      `${where}: must be one line like whsec_… (make one: echo "whsec_$(head -c 32 /dev/urandom | base64)")`,
    );
  return secret;
}
