import type { WireUri } from '../core/wire-uri.ts';
import type { PlatformAdmission } from './admission-options.ts';

/** Where requests that start something (INVITE, REFER, OPTIONS) may go: nowhere but to the hosts of a platform. */
export class CallTargets {
  readonly #hosts: ReadonlyMap<string, ReadonlySet<string>>;

  constructor(platforms: readonly PlatformAdmission[]) {
    this.#hosts = new Map(platforms.map(({ id, callHosts }) => [id, new Set(callHosts.map(plainHost))]));
  }

  /** `platform` undefined: any of them. */
  has(target: WireUri, platform: string | undefined): boolean {
    // RFC 3261 §19.1.1: `maddr` would send the request to another host than the one that was looked at.
    if (target.namesOtherHost) return false;
    const host = plainHost(target.host);
    const wanted = [host, `${host.includes(':') ? `[${host}]` : host}:${target.port ?? ''}`];
    const known = platform === undefined ? [...this.#hosts.values()] : [this.#hosts.get(platform)];
    return known.some((hosts) => wanted.some((entry) => hosts?.has(entry) === true));
  }
}

/** Names in any case, with or without the root's dot; an IPv6 address without brackets, unless a port follows. */
const plainHost = (host: string): string =>
  host
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.(?=$|:)/, '');
