import type { Clock } from '@sordino/core';
import type { CardMemory } from '../capture/card-memory.ts';
import type { Gateway, GatewayCapabilities } from './gateway.ts';
import { type FetchBytes, neverRejecting } from './http.ts';

export type HashName = 'sha1' | 'sha256' | 'sha512';

/** What a gateway's client needs from the process. */
export interface GatewayWays {
  readonly fetchBytes: FetchBytes;
  readonly clock: Clock;
  /** Raw bytes. (`createHmac(hash, key)` in the process.) */
  readonly hmac: (hash: HashName, key: Uint8Array, ...parts: readonly (string | Uint8Array)[]) => Uint8Array;
  /** Raw bytes. (`createHash(hash)` in the process.) */
  readonly digest: (hash: HashName, ...parts: readonly (string | Uint8Array)[]) => Uint8Array;
  readonly cardMemory?: CardMemory;
}

/** One setting of a connector, as its configuration explains it. */
export interface SettingSpec {
  readonly example: string;
  readonly required: boolean;
}

export interface GatewayOptions<Setting extends string, Secret extends string> {
  /** Base address without a trailing slash: the gateway's own, or a simulator's on this machine. */
  readonly url: string;
  readonly livemode: boolean;
  /** Those that are not required may be missing. */
  readonly settings: Readonly<Partial<Record<Setting, string>>>;
  readonly secrets: Readonly<Partial<Record<Secret, Uint8Array>>>;
  readonly ways: GatewayWays;
}

/** A gateway that connectors can be made of: what its configuration says, where its cards may go, what it can do. */
export interface GatewayKind<Setting extends string = string, Secret extends string = string> {
  /** `connectors[].type` */
  readonly type: string;
  readonly capabilities: GatewayCapabilities;
  /**
   * Where live cards go. `{name}` is a setting, in host names only (accounts with a host of their own); the only hosts that a live
   * connector may send to (egress guard).
   */
  readonly liveUrl: string;
  /** Where test cards go when the connector has no `url` on this machine: the gateway's own test system. */
  readonly testUrl: string;
  /** Not secret. */
  readonly settings: Readonly<Record<Setting, SettingSpec>>;
  readonly secrets: Readonly<Record<Secret, SettingSpec>>;
  create(options: GatewayOptions<Setting, Secret>): Gateway;
}

/** Infers its names, and keeps it from a client that breaks: `ways.fetchBytes` never rejects. */
export const gatewayKind = <Setting extends string, Secret extends string>(
  kind: GatewayKind<Setting, Secret>,
): GatewayKind<Setting, Secret> => ({
  ...kind,
  create: ({ ways, ...options }) =>
    kind.create({ ...options, ways: { ...ways, fetchBytes: neverRejecting(ways.fetchBytes) } }),
});

/** Where a connector of this kind sends: `url` of its configuration, or the gateway's own address. */
export function gatewayUrl(
  kind: Pick<GatewayKind, 'liveUrl' | 'testUrl'>,
  {
    url,
    livemode,
    settings,
  }: { url: string | undefined; livemode: boolean; settings: Readonly<Record<string, string>> },
): string {
  const address = url ?? (livemode ? kind.liveUrl : kind.testUrl);
  return address.replace(/\{(\w+)\}/g, (_whole, name: string) => settings[name] ?? '').replace(/\/+$/, '');
}
