import { tlsFilesProblem } from '@sordino/sip';
import { z } from 'zod';

/** Where SIP is spoken, and with which certificates. Files are looked at here, so that a bad one stops the start. */

const host = z
  .string()
  .min(1)
  .regex(/^[^[\]]+$/, 'must be a name or an address; an IPv6 address without brackets');
const port = z.int().min(0).max(65_535);
const file = z.string().min(1);

const listenTls = z
  .strictObject({
    cert_file: file.describe('/etc/sordino/tls/sip.pem'),
    key_file: file.describe('/etc/sordino/tls/sip.key'),
    ca_file: file.optional().describe('/etc/sordino/tls/platforms-ca.pem'),
    client_certificates: z.enum(['none', 'optional', 'required']).default('none').describe('required'),
  })
  .superRefine(({ cert_file, key_file, ca_file, client_certificates }, context) => {
    const problem = tlsFilesProblem({
      certFile: cert_file,
      keyFile: key_file,
      ...(ca_file === undefined ? {} : { caFile: ca_file }),
    });
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
    if (client_certificates !== 'none' && ca_file === undefined) {
      const message = 'is needed for client certificates: the authority that vouches for them';
      context.addIssue({ code: 'custom', path: ['ca_file'], message });
    }
  });

export const listenPoint = z
  .strictObject({
    protocol: z.enum(['udp', 'tcp', 'tls', 'ws', 'wss']).describe('udp'),
    host: host.describe('203.0.113.10'),
    port: port.describe('5060'),
    advertised_host: host.optional().describe('203.0.113.10'),
    advertised_port: port.min(1).optional().describe('5060'),
    tls: listenTls
      .optional()
      .describe('{ cert_file: /etc/sordino/tls/sip.pem, key_file: /etc/sordino/tls/sip.key }'),
    origins: z.array(z.url()).max(100).optional().describe('[https://phone.example.com]'),
  })
  .superRefine(({ protocol, tls, origins }, context) => {
    const secure = protocol === 'tls' || protocol === 'wss';
    const web = protocol === 'ws' || protocol === 'wss';
    const broken = (path: string, message: string): void =>
      void context.addIssue({ code: 'custom', path: [path], message });
    if (secure && tls === undefined) broken('tls', `is needed for ${protocol}: a certificate and its key`);
    if (!secure && tls !== undefined) broken('tls', `means nothing for ${protocol}`);
    if (!web && origins !== undefined)
      broken('origins', `means nothing for ${protocol}: no page connects to it`);
  });

/** Of a DNS server: `isIP` and an optional port. */
export const dnsServer = z
  .string()
  .regex(
    /^(?:\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?|[0-9a-fA-F:]*:[0-9a-fA-F:.]*|\[[0-9a-fA-F:.]+\](?::\d{1,5})?)$/,
    'must be an address, with a port after it where that is not 53',
  );

export const tlsClient = z
  .strictObject({
    ca_file: file.optional().describe('/etc/sordino/tls/platforms-ca.pem'),
    cert_file: file.optional().describe('/etc/sordino/tls/sip.pem'),
    key_file: file.optional().describe('/etc/sordino/tls/sip.key'),
  })
  .superRefine(({ ca_file, cert_file, key_file }, context) => {
    const problem = tlsFilesProblem({
      ...(ca_file === undefined ? {} : { caFile: ca_file }),
      ...(cert_file === undefined ? {} : { certFile: cert_file }),
      ...(key_file === undefined ? {} : { keyFile: key_file }),
    });
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
  });
