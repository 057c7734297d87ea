import type { HostPort } from '@sordino/interception';

/** As people and URIs write it: an IPv6 address in brackets (RFC 5952 §6). */
export function addressText({ host, port }: HostPort): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
