import { z } from 'zod';
import { secretReference } from './secret-schema.ts';
import { tlsClient } from './sip-schema.ts';

/** Where payments are remembered. */

const node = z
  .string()
  .regex(
    /^(?:\[[0-9a-fA-F:.]+\]|[^\s:[\]/@]+):\d{1,5}$/,
    'must be host:port; an IPv6 address in brackets, and no user or password',
  );

const redis = z
  .strictObject({
    url: z
      .string()
      .regex(
        /^rediss?:\/\/(?:\[[0-9a-fA-F:.]+\]|[^\s:[\]/@]+)(?::\d{1,5})?(?:\/\d{1,3})?$/,
        'must be redis://host:port or rediss://host:port (TLS), without user and password',
      )
      .optional()
      .describe('rediss://redis.example.com:6379'),
    sentinels: z.array(node).max(16).default([]).describe('["10.0.0.1:26379", "10.0.0.2:26379"]'),
    name: z.string().min(1).max(64).optional().describe('sordino'),
    cluster: z.array(node).max(64).default([]).describe('["10.0.0.1:6379", "10.0.0.2:6379"]'),
    tls: tlsClient.optional().describe('{ ca_file: /etc/sordino/tls/redis-ca.pem }'),
    username: z.string().min(1).max(64).optional().describe('sordino'),
    password: secretReference.optional().describe('"file:/run/credentials/sordino/redis"'),
    prefix: z
      .string()
      .regex(/^[A-Za-z0-9_.-]{1,32}$/, 'must be letters, digits, dots, dashes and underscores')
      .default('sordino')
      .describe('sordino'),
  })
  .superRefine(({ url, sentinels, name, cluster, tls }, context) => {
    const broken = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message });
    const named = [url !== undefined, sentinels.length > 0, cluster.length > 0].filter(Boolean).length;
    if (named !== 1) broken('url', 'exactly one of url, sentinels and cluster says where Redis is');
    if (sentinels.length > 0 !== (name !== undefined))
      broken('name', 'is what the Sentinels call the primary: with sentinels, and only then');
    if (tls !== undefined && url?.startsWith('redis:'))
      broken('url', 'must be rediss: where there is tls, so that nobody takes it for plain');
  });

export const store = z
  .strictObject({
    kind: z.enum(['memory', 'journal', 'redis']).default('journal').describe('journal'),
    directory: z.string().min(1).default('sordino-data').describe('/var/lib/sordino'),
    card_tag_key: secretReference.optional().describe('"file:/run/credentials/sordino/card-tag-key"'),
    redis: redis.optional().describe('{ url: "rediss://redis.example.com:6379" }'),
  })
  .superRefine(({ kind, redis }, context) => {
    if (kind === 'redis' && redis === undefined)
      context.addIssue({ code: 'custom', path: ['redis'], message: 'is needed: where Redis is' });
    if (kind !== 'redis' && redis !== undefined)
      context.addIssue({ code: 'custom', path: ['redis'], message: `means nothing for kind ${kind}` });
  });
