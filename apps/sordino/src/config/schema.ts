import { API_KEY_REQUESTS_PER_S, PAGE_REQUESTS_PER_S } from '@sordino/app-payments';
import { API_SCOPES } from '@sordino/core';
import {
  FIRST_MEDIA_TIMEOUT_MS,
  LEG7_ANSWER_TIMEOUT_MS,
  NUMBER_COOL_DOWN_MS,
  PROBE_INTERVAL_S,
  STALLED_MEDIA_TIMEOUT_MS,
  TAKE_BACK_TIMEOUT_MS,
} from '@sordino/interception';
import { GATEWAY_KINDS, VELOCITY_LIMITS } from '@sordino/payments';
import { parseAddressRule } from '@sordino/sip';
import { z } from 'zod';
import { platformAuth } from './auth-schema.ts';
import { brokenConnectorRules } from './connector-rules.ts';
import { brokenPlatformRules } from './platform-rules.ts';
import { secretProviders, secretReference } from './secret-schema.ts';
import { dnsServer, listenPoint, tlsClient } from './sip-schema.ts';
import { store } from './store-schema.ts';

/**
 * The configuration of one process. Keys are as in the YAML file; `describe` holds an example, which every error shows.
 * Environment variables override the file, see `read-config.ts`.
 */

const port = z.int().min(0).max(65_535);
const host = z.string().min(1);

const sipUri = z.string().regex(/^sips?:[^\s<>"]+$/, 'must be a SIP URI without spaces or angle brackets');
const headerName = z.string().regex(/^[A-Za-z0-9!%'*+.`_~-]+$/, 'must be a header name');
const addressRule = z
  .string()
  .refine(
    (text) => parseAddressRule(text) !== undefined,
    'must be an IP address or a CIDR block, not a name',
  );
const milliseconds = (min: number, max: number, byDefault: number) =>
  z.int().min(min).max(max).default(byDefault).describe(String(byDefault));

const seconds = (ms: number): number => ms / 1_000;
const declines = (byDefault: number) =>
  z.int().min(1).max(1_000_000).default(byDefault).describe(String(byDefault));

const platform = z.strictObject({
  id: z
    .string()
    .regex(/^plt_[A-Za-z0-9_-]{1,40}$/, 'must look like plt_name')
    .describe('plt_main'),
  allow: z.array(addressRule).max(256).default([]).describe('[198.51.100.0/24, "2001:db8:7::/48"]'),
  tls_names: z.array(host).max(64).default([]).describe('[sbc.example.com]'),
  auth: platformAuth,
  return_uri: sipUri.describe('"sip:{call_id}@pbx.example.com:5060;transport=tcp"'),
  return_header: headerName.optional().describe('X-Return-Address'),
  return_hosts: z.array(host).max(64).default([]).describe('[pbx2.example.com]'),
  commit: z.enum(['after_leg7', 'at_once']).default('after_leg7').describe('after_leg7'),
  leg5_media: z
    .enum(['customer', 'customer_after_reinvite', 'via_platform'])
    .default('customer')
    .describe('customer'),
  correlation_headers: z.array(headerName).max(16).default([]).describe('[X-Platform-Call]'),
  trust_identity: z.boolean().default(false).describe('true'),
  number_pool: z
    .array(z.string().regex(/^\+[1-9]\d{6,14}$/, 'must be an E.164 number'))
    .max(1_000)
    .default([])
    .describe('["+442039000417"]'),
  number_required: z.boolean().default(false).describe('true'),
  number_cool_down_ms: milliseconds(0, 600_000, NUMBER_COOL_DOWN_MS),
  codecs: z
    .array(z.enum(['PCMU', 'PCMA', 'G722', 'L16/8000', 'L16/16000', 'opus']))
    .min(1)
    .default(['PCMU', 'PCMA'])
    .describe('[opus, G722, PCMU, PCMA]'),
  crypto: z.enum(['none', 'sdes', 'sdes_optional', 'dtls']).default('none').describe('sdes'),
  refer: z
    .strictObject({
      form: z.enum(['off', 'target_dialog', 'replaces']).default('off').describe('target_dialog'),
      target_uri: sipUri.optional().describe('"sip:{call_id}@pbx.example.com:5060"'),
      notify_timeout_ms: milliseconds(500, 32_000, 5_000),
    })
    .prefault({}),
  timers: z
    .strictObject({
      leg7_answer_ms: milliseconds(500, 30_000, LEG7_ANSWER_TIMEOUT_MS),
      first_media_ms: milliseconds(1_000, 60_000, FIRST_MEDIA_TIMEOUT_MS),
      stalled_media_ms: milliseconds(2_000, 60_000, STALLED_MEDIA_TIMEOUT_MS),
      take_back_ms: milliseconds(2_000, 60_000, TAKE_BACK_TIMEOUT_MS),
    })
    .prefault({}),
  session_timer: z
    .strictObject({
      expires_s: z.int().min(0).max(86_400).default(1_800).describe('1800'),
      min_se_s: z.int().min(90).max(86_400).default(90).describe('90'),
    })
    .prefault({}),
  probe: z
    .strictObject({
      interval_s: z.int().min(0).max(86_400).default(PROBE_INTERVAL_S).describe(String(PROBE_INTERVAL_S)),
    })
    .prefault({}),
});

const settingName = z.string().regex(/^[a-z][a-z0-9_]{0,63}$/, 'must be a name in lower case');
const connector = z.strictObject({
  id: z
    .string()
    .regex(/^con_[A-Za-z0-9_-]{1,40}$/, 'must look like con_name')
    .describe('con_sandbox'),
  type: z.enum(['sandbox', 'https', ...GATEWAY_KINDS.map(({ type }) => type)]).describe('sandbox'),
  url: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('http://127.0.0.1:8090  (sandbox: left out, a simulator is started in the process)'),
  livemode: z.boolean().default(false).describe('false'),
  settings: z
    .record(settingName, z.string().min(1).max(255))
    .default({})
    .describe('{ merchant_account: AcmeMOTO }  (which: docs/integrate/gateways.md)'),
  secrets: z
    .record(settingName, secretReference)
    .default({})
    .describe('{ api_key: "file:/run/credentials/sordino/gateway-key" }'),
  reverse_on_unknown: z.boolean().default(false).describe('true'),
});

const apiKey = z.strictObject({
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'must be the SHA-256 of the key in 64 lower-case hex digits')
    .describe('9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'),
  tenant: z.string().min(1).max(64).default('default').describe('acme'),
  livemode: z.boolean().default(false).describe('false'),
  scopes: z
    .array(z.enum(API_SCOPES))
    .min(1)
    .default([...API_SCOPES])
    .describe('[sessions:read, sessions:write, payments:confirm]'),
  expires: z.iso.datetime().optional().describe('"2027-11-22T00:00:00Z"'),
});

const webhook = z.strictObject({
  id: z
    .string()
    .regex(/^whe_[A-Za-z0-9_-]{1,40}$/, 'must look like whe_name')
    .describe('whe_crm'),
  url: z.url({ protocol: /^https?$/ }).describe('https://crm.example.com/sordino'),
  tenant: z.string().min(1).max(64).default('default').describe('acme'),
  livemode: z.boolean().default(false).describe('false'),
  events: z
    .array(z.string().regex(/^(\*|[a-z]+\.(\*|[a-z_]+))$/, 'must be *, session.* or the name of an event'))
    .min(1)
    .max(100)
    .default(['*'])
    .describe('[session.*, payment.*]'),
  secrets: z
    .array(secretReference)
    .min(1)
    .max(4)
    .describe('["file:/run/credentials/sordino/whsec-crm"]  (two while one takes the place of the other)'),
  allow_private: z.boolean().default(false).describe('false'),
});

const keys = z.strictObject({
  sip: z
    .strictObject({
      listen: z
        .array(listenPoint)
        .min(1)
        .max(8)
        .default([
          { protocol: 'udp', host: '127.0.0.1', port: 5060 },
          { protocol: 'tcp', host: '127.0.0.1', port: 5060 },
        ])
        .describe('[{ protocol: udp, host: 203.0.113.10, port: 5060 }]'),
      advertised_host: host.optional().describe('203.0.113.10'),
      limits: z
        .strictObject({
          messages_per_s: z.int().min(10).max(1_000_000).default(10_000).describe('10000'),
          invites_per_s: z.int().min(1).max(100_000).default(1_000).describe('1000'),
          connections: z.int().min(1).max(10_000).default(256).describe('256'),
          wrong_per_min: z.int().min(5).max(100_000).default(60).describe('60'),
        })
        .prefault({}),
      tls_client: tlsClient.prefault({}),
      dns_servers: z.array(dnsServer).max(8).default([]).describe('[192.0.2.53]'),
    })
    .prefault({}),
  media: z
    .strictObject({
      host: host.default('127.0.0.1').describe('203.0.113.10'),
      advertised_host: host.optional().describe('203.0.113.10'),
      port_min: port.default(20_000).describe('20000'),
      port_max: port.default(29_999).describe('29999'),
      workers: z.int().min(1).max(64).default(1).describe('2'),
      prompts: z.string().min(1).optional().describe('/etc/sordino/prompts'),
      lookback_ms: z.int().min(15).max(30).default(30).describe('30'),
      packet_io: z.enum(['auto', 'dgram', 'native']).default('auto').describe('dgram'),
    })
    .refine(({ port_min, port_max }) => port_max === port_min || port_max - port_min >= 3, {
      path: ['port_max'],
      message: 'must leave room for two port pairs above media.port_min',
    })
    .prefault({}),
  api: z
    .strictObject({
      host: host.default('127.0.0.1').describe('127.0.0.1'),
      port: port.default(8080).describe('8080'),
      keys: z
        .array(apiKey)
        .max(1_000)
        .default([])
        .describe('[{ sha256: 9f86…, tenant: acme, livemode: false }]'),
      requests_per_s: z
        .int()
        .min(1)
        .max(100_000)
        .default(API_KEY_REQUESTS_PER_S)
        .describe(String(API_KEY_REQUESTS_PER_S)),
      page_requests_per_s: z
        .int()
        .min(1)
        .max(10_000)
        .default(PAGE_REQUESTS_PER_S)
        .describe(String(PAGE_REQUESTS_PER_S)),
      test_faults: z.boolean().default(true).describe('true'),
      allowed_origins: z.array(z.url()).max(100).default([]).describe('[https://desk.example.com]'),
    })
    .prefault({}),
  store: store.prefault({}),
  audit: z
    .strictObject({
      directory: z.string().min(1).optional().describe('/var/lib/sordino/audit'),
      keep_days: z.int().min(366).max(36_500).default(366).describe('366'),
    })
    .prefault({}),
  card_testing: z
    .strictObject({
      window_s: z.int().min(1).max(86_400).default(seconds(VELOCITY_LIMITS.windowMs)).describe('600'),
      lock_s: z.int().min(1).max(604_800).default(seconds(VELOCITY_LIMITS.lockMs)).describe('1800'),
      per_caller: declines(VELOCITY_LIMITS.declines.caller),
      per_card: declines(VELOCITY_LIMITS.declines.card),
      per_bin: declines(VELOCITY_LIMITS.declines.bin),
      per_tenant: declines(VELOCITY_LIMITS.declines.tenant),
    })
    .prefault({}),
  stop: z.strictObject({ payments_ms: milliseconds(0, 600_000, 60_000) }).prefault({}),
  platforms: z
    .array(platform)
    .min(1)
    .max(1_000)
    .default([platform.parse({ id: 'plt_main', return_uri: 'sip:{call_id}@127.0.0.1:5070' })])
    .describe('[{ id: plt_main, return_uri: "sip:{call_id}@pbx.example.com:5060" }]'),
  connectors: z
    .array(connector)
    .min(1)
    .max(100)
    .default([connector.parse({ id: 'con_sandbox', type: 'sandbox' })])
    .describe('[{ id: con_sandbox, type: sandbox }]'),
  webhooks: z
    .array(webhook)
    .max(1_000)
    .default([])
    .describe(
      '[{ id: whe_crm, url: "https://crm.example.com/sordino", secrets: ["file:/run/credentials/sordino/whsec-crm"] }]',
    ),
  secret_providers: secretProviders.prefault({}),
  log: z
    .strictObject({ level: z.enum(['debug', 'info', 'warn', 'error']).default('info').describe('info') })
    .prefault({}),
});

export const configSchema = keys.superRefine(({ platforms, sip, webhooks, connectors }, context) => {
  for (const { path, message } of brokenConnectorRules(connectors))
    context.addIssue({ code: 'custom', path: [...path], message });
  for (const [index, { id, url, allow_private }] of webhooks.entries()) {
    const at = (key: string, message: string) =>
      context.addIssue({ code: 'custom', path: ['webhooks', index, key], message });
    if (webhooks.findIndex((other) => other.id === id) !== index) at('id', `${id} is there twice`);
    if (!allow_private && !url.startsWith('https:')) at('url', 'must be https, unless allow_private is true');
  }
  for (const { path, message } of brokenPlatformRules(platforms, sip.listen)) {
    context.addIssue({ code: 'custom', path: [...path], message });
  }
});

export type Config = z.output<typeof configSchema>;
/** As it is written, before defaults. */
export type ConfigInput = z.input<typeof configSchema>;
