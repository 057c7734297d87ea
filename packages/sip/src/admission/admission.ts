import type { Clock, Log } from '@sordino/core';
import type { Refusal } from '../core/screening.ts';
import type { WireUri } from '../core/wire-uri.ts';
import type { ParsedRequest } from '../ingress/parse-result.ts';
import type { Flow } from '../router/transport.ts';
import { AddressRules, plainSource, sourceGroup } from './address-rules.ts';
import { type AdmissionOptions, DEFAULT_SOURCE_LIMITS, type SourceLimits } from './admission-options.ts';
import { BoundedMap } from './bounded-map.ts';
import { CallTargets } from './call-targets.ts';
import type { OutboundAccount } from './digest/call-credentials.ts';
import { type InboundAccount, InboundDigest } from './digest/inbound-digest.ts';
import { addressesOf, PlatformRules } from './platform-rules.ts';
import { RareLog } from './rare-log.ts';
import { SourceMeter } from './source-meter.ts';

/** Addresses whose verdict is remembered: a platform speaks from a few, and asking anew costs microseconds. */
const SOURCES_MAX = 4_096;
/** Strangers are remembered apart, so that a flood of them cannot push a platform out. */
const STRANGERS_MAX = 4_096;
/** Addresses that we have sent a request to. */
const CALLED_MAX = 4_096;

/** Who sent a message, as far as can be told before it is read. */
export interface Caller {
  /** Those that need no password. Without these and accounts: only somebody whom we called, heard in that dialog and nowhere else. */
  readonly platforms: readonly string[];
  /** Those that it may yet prove to be. */
  readonly accounts: readonly InboundAccount[];
  readonly meter: SourceMeter;
}

/** `refusal`: to be answered so. `silence`: not at all. */
export type Verdict = { readonly platforms: readonly string[] } | { readonly refusal: Refusal } | 'silence';

/** Seconds after which a source over its limit may come back: the allowance of one second is there again by then. */
const RETRY_AFTER_S = 2;
/**
 * Whichever call it is: a guess that is right looks like one that is wrong. Not silence: a platform whose configuration is broken
 * would hold its customer for the 32 s of timer B, where a refusal leaves the call as it was.
 */
const UNKNOWN: Verdict = { refusal: { status: 404 } };
const BUSY: Verdict = { refusal: { status: 503, lines: [`Retry-After: ${RETRY_AFTER_S}`] } };

/** The log line, once a minute for each `source`. */
export const SOURCE_IGNORED = 'SIP ignored: no platform allows this source';

interface Source {
  /** Platforms whose address this is, whatever else they have to show. */
  readonly rules: readonly PlatformRules[];
  /** True: a certificate decides, so each connection is looked at for itself. */
  readonly asksForCertificate: boolean;
  /** Who it is without a certificate. */
  readonly bare: Caller;
}

/**
 * Who may speak to us, and whom we may call. It is asked with the address alone before a message is read: a stranger costs
 * one look into a map, and gets nothing back that would tell a scanner that somebody is here.
 */
export class Admission {
  readonly #rules: readonly PlatformRules[];
  /** All addresses of all platforms, so that a stranger is not held against each platform in turn. Undefined: any. */
  readonly #addresses: AddressRules | undefined;
  readonly #targets: CallTargets;
  readonly #limits: SourceLimits;
  readonly #clock: Clock;
  readonly #strange: RareLog;
  readonly #overLimit: RareLog;
  readonly #guessesPasswords: RareLog;
  readonly #guessesCalls: RareLog;
  readonly #digest = new InboundDigest();
  readonly #accounts: ReadonlyMap<string, OutboundAccount>;
  readonly #sources = new BoundedMap<string, Source>(SOURCES_MAX);
  readonly #strangers = new BoundedMap<string, string>(STRANGERS_MAX);
  readonly #called = new BoundedMap<string, true>(CALLED_MAX);
  readonly #meters = new BoundedMap<string, SourceMeter>(SOURCES_MAX);

  constructor({ platforms, limits }: AdmissionOptions, clock: Clock, log: Log) {
    this.#rules = platforms.map((platform) => new PlatformRules(platform));
    const addresses = platforms.map(addressesOf);
    this.#addresses = addresses.includes(undefined)
      ? undefined
      : new AddressRules(addresses.flatMap((some) => some ?? []));
    this.#accounts = new Map(
      platforms.flatMap(({ id, outbound }) => (outbound === undefined ? [] : [[id, outbound]])),
    );
    this.#targets = new CallTargets(platforms);
    this.#limits = { ...DEFAULT_SOURCE_LIMITS, ...limits };
    this.#clock = clock;
    this.#strange = new RareLog(log, clock, SOURCE_IGNORED);
    this.#overLimit = new RareLog(log, clock, 'SIP dropped: this source is over its limits (sip.limits)');
    this.#guessesPasswords = new RareLog(log, clock, 'SIP not answered for a minute: wrong passwords');
    this.#guessesCalls = new RareLog(log, clock, 'SIP calls refused for a minute: nobody waits for them');
  }

  /** Before a message is read. */
  hear(flow: Flow): Caller | 'stranger' | 'over_limit' {
    const address = plainSource(flow.remote.host);
    const source = this.#sourceOf(address);
    const caller = source === undefined ? undefined : this.#callerOf(source, flow);
    if (caller === undefined) {
      this.#strange.note(this.#strangers.get(address) ?? sourceGroup(address));
      return 'stranger';
    }
    if (caller.meter.takeMessage(this.#clock.monotonicMs())) return caller;
    this.#overLimit.note(sourceGroup(address));
    return 'over_limit';
  }

  /** A request outside a dialog, which is what scanners send. ACK and CANCEL are not asked about (RFC 3261 §22.1). */
  admit(request: ParsedRequest, flow: Flow, { platforms, accounts, meter }: Caller): Verdict {
    if (platforms.length === 0 && accounts.length === 0) return 'silence';
    const nowMs = this.#clock.monotonicMs();
    if (meter.passwords.areStopped(nowMs)) return 'silence';
    if (request.method === 'INVITE') {
      const verdict = meter.takeInvite(nowMs);
      if (verdict !== 'serve') this.#overLimit.note(groupOf(flow));
      if (verdict === 'silence') return 'silence';
      if (verdict === 'busy') return BUSY;
      if (meter.calls.areStopped(nowMs)) return UNKNOWN;
    }
    const signIn =
      accounts.length === 0 ? undefined : this.#digest.check(request, accounts, groupOf(flow), nowMs);
    if (signIn?.kind === 'in') {
      meter.passwords.tried(nowMs);
      return { platforms: [...platforms, signIn.platform] };
    }
    // Where an address is enough for one platform, nobody from there is asked for the password of another.
    if (signIn === undefined || platforms.length > 0) return { platforms };
    if (signIn.failed) {
      meter.passwords.tried(nowMs);
      if (meter.passwords.wasWrong(nowMs)) this.#guessesPasswords.note(groupOf(flow));
    }
    return { refusal: { status: 401, lines: signIn.lines } };
  }

  /** What became of an INVITE that was let in: `known` when somebody waited for it. */
  answered(flow: Flow, known: boolean): void {
    const meter = this.#sourceOf(plainSource(flow.remote.host))?.bare.meter;
    const nowMs = this.#clock.monotonicMs();
    meter?.calls.tried(nowMs);
    if (!known && meter?.calls.wasWrong(nowMs) === true) this.#guessesCalls.note(groupOf(flow));
  }

  /** Who we are to these platforms. */
  accountsFor(platforms: readonly string[]): readonly OutboundAccount[] {
    return platforms.flatMap((platform) => this.#accounts.get(platform) ?? []);
  }

  /** A connection comes in. Undefined: close it; else to be called when it is gone. */
  openConnection(host: string): (() => void) | undefined {
    const address = plainSource(host);
    const meter = this.#sourceOf(address)?.bare.meter;
    if (meter === undefined) {
      this.#strange.note(this.#strangers.get(address) ?? sourceGroup(address));
      return undefined;
    }
    if (meter.takeConnection()) return () => meter.releaseConnection();
    this.#overLimit.note(sourceGroup(address));
    return undefined;
  }

  /** A request of ours goes to this address: what comes back from there is read. */
  called(host: string): void {
    if (this.#called.has(host)) return;
    const address = plainSource(host);
    this.#called.set(address, true);
    this.#strangers.delete(address);
  }

  /** Whether a request that starts something may go there. */
  mayCall(target: WireUri, platform: string | undefined): boolean {
    return this.#targets.has(target, platform);
  }

  #sourceOf(address: string): Source | undefined {
    const known = this.#sources.get(address);
    if (known !== undefined) return known;
    if (this.#strangers.has(address)) return undefined;
    const isOfPlatform = this.#addresses?.has(address) ?? true;
    const rules = isOfPlatform ? this.#rules.filter((platform) => platform.takesAddress(address)) : [];
    const group = sourceGroup(address);
    if (rules.length === 0 && !this.#called.has(address)) {
      this.#strangers.set(address, group);
      return undefined;
    }
    const source = {
      rules,
      asksForCertificate: rules.some((platform) => platform.asksForCertificate),
      bare: callerBy(
        rules.filter((platform) => !platform.asksForCertificate),
        this.#meterOf(group),
      ),
    };
    this.#sources.set(address, source);
    return source;
  }

  #callerOf({ rules, asksForCertificate, bare }: Source, { tls, remote }: Flow): Caller | undefined {
    const caller = asksForCertificate
      ? callerBy(
          rules.filter((platform) => platform.takesCertificate(tls)),
          bare.meter,
        )
      : bare;
    const isPlatform = caller.platforms.length + caller.accounts.length > 0;
    return isPlatform || this.#called.has(plainSource(remote.host)) ? caller : undefined;
  }

  #meterOf(group: string): SourceMeter {
    let meter = this.#meters.get(group);
    if (meter === undefined) {
      meter = new SourceMeter(this.#limits, this.#clock.monotonicMs());
      this.#meters.set(group, meter);
    }
    return meter;
  }
}

function callerBy(proven: readonly PlatformRules[], meter: SourceMeter): Caller {
  return {
    platforms: proven.filter(({ account }) => account === undefined).map(({ id }) => id),
    accounts: proven.flatMap(({ account }) => account ?? []),
    meter,
  };
}

const groupOf = (flow: Flow): string => sourceGroup(plainSource(flow.remote.host));
