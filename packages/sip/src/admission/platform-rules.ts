import type { Flow } from '../router/transport.ts';
import { AddressRules, LOOPBACK_RULES } from './address-rules.ts';
import type { PlatformAdmission } from './admission-options.ts';
import type { InboundAccount } from './digest/inbound-digest.ts';

/** How one platform is known. Every kind of proof that it has is asked for: an address and a password mean both. */
export class PlatformRules {
  readonly id: string;
  readonly #addresses: AddressRules | undefined;
  readonly #tlsNames: ReadonlySet<string>;
  /** Undefined: no password is asked for. */
  readonly account: InboundAccount | undefined;

  constructor(platform: PlatformAdmission) {
    this.id = platform.id;
    this.#tlsNames = new Set(platform.tlsNames.map((name) => name.toLowerCase()));
    this.account = platform.inbound && { platform: platform.id, ...platform.inbound };
    const addresses = addressesOf(platform);
    this.#addresses = addresses && new AddressRules(addresses);
  }

  get asksForCertificate(): boolean {
    return this.#tlsNames.size > 0;
  }

  takesAddress(address: string): boolean {
    return this.#addresses?.has(address) ?? true;
  }

  takesCertificate(tls: Flow['tls']): boolean {
    if (!this.asksForCertificate) return true;
    return tls?.authorized === true && tls.names.some((name) => this.#tlsNames.has(name.toLowerCase()));
  }
}

/** Undefined: any, because something better than an address is asked for. Nothing asked for at all means this machine only. */
export function addressesOf({ allow, tlsNames, inbound }: PlatformAdmission): readonly string[] | undefined {
  if (allow.length > 0) return allow;
  return tlsNames.length > 0 || inbound !== undefined ? undefined : LOOPBACK_RULES;
}
