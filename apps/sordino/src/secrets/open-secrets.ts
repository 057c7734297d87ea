import type { Config } from '../config/schema.ts';
import { environmentProvider } from './environment-provider.ts';
import { fileProvider, SECRET_BYTES_MAX } from './file-provider.ts';
import { pkcs11Provider } from './pkcs11-provider.ts';
import type { ReadSecret, SecretProvider } from './provider.ts';
import { vaultProviders } from './vault-provider.ts';

/** Secrets by reference, from files, the environment, and what `secret_providers` names. Those of a provider come from the first two. */
export async function openSecrets(
  configured: Config['secret_providers'],
  environment: NodeJS.ProcessEnv = process.env,
): Promise<ReadSecret> {
  const local = [fileProvider, environmentProvider(environment)];
  const readLocal = readerOf(local);
  const { vault, pkcs11 } = configured;
  const providers = [...local];
  if (vault !== undefined)
    providers.push(
      ...vaultProviders({
        url: vault.url.replace(/\/+$/, ''),
        token: await readLocal(vault.token, 'secret_providers.vault.token'),
        namespace: vault.namespace,
      }),
    );
  if (pkcs11 !== undefined)
    providers.push(
      pkcs11Provider({ ...pkcs11, pin: await readLocal(pkcs11.pin, 'secret_providers.pkcs11.pin') }),
    );
  return readerOf(providers);
}

/** Throws where there is none, or none that could be one. */
function readerOf(providers: readonly SecretProvider[]): ReadSecret {
  const byScheme = new Map(providers.map((provider) => [provider.scheme, provider]));
  return async (reference, where) => {
    const at = reference.indexOf(':');
    const provider = byScheme.get(reference.slice(0, at));
    if (provider === undefined) {
      const known = providers.map(({ example }) => example).join(', ');
      // Not repeated: it may be the secret itself.
      throw new Error(`${where}: must be a reference whose provider is configured, such as ${known}`);
    }
    let secret: Uint8Array;
    try {
      secret = await provider.read(reference.slice(at + 1));
    } catch (error) {
      throw new Error(`${where}: ${error instanceof Error ? error.message : 'error'}`);
    }
    if (secret.length === 0) throw new Error(`${where}: the secret is empty`);
    if (secret.length > SECRET_BYTES_MAX)
      throw new Error(`${where}: the secret is longer than ${SECRET_BYTES_MAX} bytes`);
    return secret;
  };
}
