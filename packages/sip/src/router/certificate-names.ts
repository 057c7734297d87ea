import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';

/**
 * The SIP identities of a certificate, lower case (RFC 5922 §7.1): domains of `sip:` URIs and DNS names of its
 * subjectAltName, and its addresses. Only a certificate without any subjectAltName is known by its common name.
 */
export function certificateNames(certificate: X509Certificate): string[] {
  const alternatives = certificate.subjectAltName;
  if (alternatives === undefined) {
    const commonName = /(?:^|\n)CN=([^\n]+)/.exec(certificate.subject)?.[1];
    return commonName === undefined ? [] : [commonName.toLowerCase()];
  }
  const names: string[] = [];
  for (const [kind, value] of splitAlternatives(alternatives)) {
    if (kind === 'DNS' || kind === 'IP Address') names.push(canonicalHost(value));
    else if (kind === 'URI') {
      // RFC 5922 §7.1: a URI with a user part names a person, not a domain.
      const domain = /^sips?:([^@;?:[\\]+|\[[0-9A-Fa-f:.]+\])(?::\d+)?(?:[;?].*)?$/i.exec(value)?.[1];
      if (domain !== undefined) names.push(canonicalHost(domain));
    }
  }
  return [...new Set(names)];
}

/** RFC 5922 §7.2: a name counts as a whole. Wildcards and subdomains prove nothing. */
export function provesName(certificate: X509Certificate, name: string): boolean {
  return certificateNames(certificate).includes(canonicalHost(name));
}

/** Lower case, no brackets; an IPv6 address in its one short form, however it was written. */
function canonicalHost(host: string): string {
  const bare = host.startsWith('[') ? host.slice(1, -1) : host;
  return (isIP(bare) === 6 ? new URL(`http://[${bare}]`).hostname.slice(1, -1) : bare).toLowerCase();
}

/** Node writes `DNS:a, URI:sip:a`, and a value with a comma or quote in it as a JSON string: `DNS:"a, DNS:b"`. */
function splitAlternatives(text: string): [kind: string, value: string][] {
  const found: [string, string][] = [];
  const element = /(?:^|, )([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^,]*)/gy;
  for (const [, kind = '', value = ''] of text.matchAll(element)) {
    found.push([kind, value.startsWith('"') ? (JSON.parse(value) as string) : value]);
  }
  return found;
}
