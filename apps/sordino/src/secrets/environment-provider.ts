import type { SecretProvider } from './provider.ts';

/** `env:NAME`: read once and taken out of the environment, so that no child and no dump of it has the secret. */
export function environmentProvider(environment: NodeJS.ProcessEnv): SecretProvider {
  const taken = new Map<string, Uint8Array>();
  return {
    scheme: 'env',
    example: 'env:GATEWAY_KEY',
    async read(name) {
      const value = environment[name];
      if (value !== undefined) taken.set(name, Buffer.from(value));
      delete environment[name];
      const secret = taken.get(name);
      if (secret === undefined) throw new Error(`the environment has no ${name}`);
      return secret;
    },
  };
}
