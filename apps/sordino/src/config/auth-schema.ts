import { DIGEST_ALGORITHMS } from '@sordino/sip';
import { z } from 'zod';

/** Digest authentication of one platform. No message here, and none of zod's, repeats what was written: it may be a password. */

const words = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^\P{Cc}*$/u, 'must not hold control characters');
// RFC 7616 §3.4.2: the colon ends the user name in what is hashed.
const username = words(64)
  .regex(/^[^:]*$/, 'must not hold a colon')
  .describe('sordino');
const secret = words(256).optional().describe('"…"  (better: password_file)');
const secretFile = z.string().min(1).optional().describe('/run/credentials/sordino/platform-password');
const algorithms = z
  .array(z.enum(DIGEST_ALGORITHMS))
  .min(1)
  .default(['SHA-256', 'MD5'])
  .describe('[SHA-256, MD5]');
const hex = (digits: number) =>
  z
    .string()
    .regex(new RegExp(`^[0-9a-f]{${digits}}$`), `must be ${digits} lower-case hex digits`)
    .optional();

const inbound = z
  .strictObject({
    username,
    password: secret,
    password_file: secretFile,
    ha1: z
      .strictObject({
        sha256: hex(64).describe('printf %s user:realm:password | sha256sum'),
        md5: hex(32).describe('printf %s user:realm:password | md5sum'),
      })
      .refine(
        ({ sha256, md5 }) => sha256 !== undefined || md5 !== undefined,
        'must have sha256, md5, or both',
      )
      .optional(),
    realm: words(64).default('sordino').describe('sordino'),
    algorithms,
  })
  .refine(
    ({ password, password_file, ha1 }) =>
      [password, password_file, ha1].filter((way) => way !== undefined).length === 1,
    'must have exactly one of password, password_file and ha1',
  );

const outbound = z
  .strictObject({
    username,
    password: secret,
    password_file: secretFile,
    realm: words(64).optional().describe('pbx.example.com'),
    algorithms,
  })
  .refine(
    ({ password, password_file }) => (password === undefined) !== (password_file === undefined),
    'must have exactly one of password and password_file',
  );

export const platformAuth = z
  .strictObject({ inbound: inbound.optional(), outbound: outbound.optional() })
  .prefault({});
