import { z } from 'zod';

/** Where a secret is, never the secret: no message here, and none of zod's, repeats what was written. */
export const secretReference = z
  .string()
  .regex(
    /^(file:.+|env:[A-Za-z_][A-Za-z0-9_]*|(vault|vault-transit|pkcs11):.+)$/,
    'must be file:/path, env:NAME or a reference to a secret provider, never the secret itself',
  );
/** What opens the others cannot be among them. */
const localReference = z
  .string()
  .regex(/^(file:.+|env:[A-Za-z_][A-Za-z0-9_]*)$/, 'must be file:/path or env:NAME, never the secret itself');

export const secretProviders = z.strictObject({
  vault: z
    .strictObject({
      url: z
        .url({ protocol: /^https?$/ })
        .refine(
          (url) => /^(https:|http:\/\/(localhost|127(\.\d{1,3}){3}|\[::1\])([:/]|$))/.test(url),
          'must be https, or on this machine',
        )
        .describe('https://vault.example.com:8200'),
      token: localReference.describe('"file:/run/credentials/sordino/vault-token"'),
      namespace: z.string().min(1).max(255).optional().describe('payments'),
    })
    .optional(),
  pkcs11: z
    .strictObject({
      module: z.string().min(1).describe('/usr/lib/softhsm/libsofthsm2.so'),
      token: z.string().min(1).max(32).describe('sordino'),
      pin: localReference.describe('"file:/run/credentials/sordino/token-pin"'),
      hash: z.enum(['SHA256', 'SHA-1']).default('SHA256').describe('SHA256'),
    })
    .optional(),
});
