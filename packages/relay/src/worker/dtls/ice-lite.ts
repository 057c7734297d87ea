import type { IceCredentials } from '@sordino/interception';
import type { PeerAddress } from '../peer-gate.ts';
import { isSame } from '../peer-gate.ts';
import {
  attributeOf,
  hasFingerprint,
  hasIntegrity,
  readStun,
  STUN_ATTRIBUTE,
  STUN_TYPE,
  type StunMessage,
  writeStun,
} from './stun-message.ts';
import { xorMappedAddress } from './xor-address.ts';

/** RFC 7675 §5.1: consent lasts 30 s. A full agent checks about every 2.5 s in a session and 5 s at most. */
export const CONSENT_MS = 30_000;

/** Checks that a thief of one could have seen: about 3 minutes of them. */
const REMEMBERED_CHECKS_MAX = 64;

/** What the checks of full agents have; any other attribute below 0x8000 is one that we would have to understand. */
const UNDERSTOOD: ReadonlySet<number> = new Set([
  STUN_ATTRIBUTE.username,
  STUN_ATTRIBUTE.messageIntegrity,
  STUN_ATTRIBUTE.priority,
  STUN_ATTRIBUTE.useCandidate,
]);

export interface CheckOutcome {
  /** To be sent back to where the check came from. */
  readonly reply: Buffer | undefined;
  /** The peer chose this address for its media, and it is another one than before. */
  readonly selected: PeerAddress | undefined;
}

const NOTHING: CheckOutcome = { reply: undefined, selected: undefined };

/**
 * The answering half of ICE (RFC 8445 §2.5: lite): we have one address that everybody can reach, so we answer checks and the
 * peer does the rest. An authentic check is also the peer's consent to be sent media (RFC 7675).
 *
 * Who does not know the password gets silence, not the 400 or 401 of RFC 8489 §9.1.3: these would tell a scanner what this
 * port is, and send packets to whoever a forged source address names.
 */
export class IceLite {
  readonly #local: IceCredentials;
  #remoteUfrag: string | undefined;
  /** A nomination from before we knew the peer's ufrag: a full agent need not repeat it (RFC 8445 §8.1.1). */
  #early: { readonly ufrag: string; readonly from: PeerAddress } | undefined;
  #selected: PeerAddress | undefined;
  #lastCheckMs = Number.NEGATIVE_INFINITY;
  readonly #seenChecks: string[] = [];
  #refused = 0;

  constructor(local: IceCredentials) {
    this.#local = local;
  }

  /** Where the peer's media comes from and goes to; undefined before it has nominated. */
  get selected(): PeerAddress | undefined {
    return this.#selected;
  }

  /** STUN messages that were not checks of our peer. */
  get refused(): number {
    return this.#refused;
  }

  /**
   * The ufrag that the peer signalled. Before it is known a check with our password is answered, for the peer has it from our
   * SDP, but selects nothing yet. Another one than before is an ICE restart: the peer nominates anew, and until it does the
   * address it had stays (RFC 8445 §9).
   */
  setRemoteUfrag(ufrag: string): void {
    this.#remoteUfrag = ufrag;
    if (this.#early?.ufrag === ufrag) this.#selected = this.#early.from;
    this.#early = undefined;
  }

  /** RFC 7675 §5: without a check for 30 s nothing may be sent. */
  hasConsent(nowMs: number): boolean {
    return nowMs - this.#lastCheckMs <= CONSENT_MS;
  }

  /** Any datagram that looks like STUN. Never throws. */
  check(datagram: Uint8Array, from: PeerAddress, nowMs: number): CheckOutcome {
    const message = readStun(datagram);
    if (message?.type !== STUN_TYPE.bindingRequest || !this.#isOfPeer(message)) {
      this.#refused += 1;
      return NOTHING;
    }
    const { transactionId } = message;
    const reply = (type: number, ...attributes: { type: number; value: Uint8Array }[]): Buffer =>
      writeStun({ type, transactionId, attributes }, this.#local.password);

    // RFC 8489 §6.3.1: what must be understood and is not.
    const unknown = message.attributes.filter(({ type }) => type < 0x8000 && !UNDERSTOOD.has(type));
    if (unknown.length > 0)
      return {
        reply: reply(STUN_TYPE.bindingError, errorCode(420, 'Unknown Attribute'), unknownAttributes(unknown)),
        selected: undefined,
      };
    // RFC 8445 §6.1.1, §7.3.1.1: a lite agent is always the controlled one; a peer that thinks the same has to switch.
    if (attributeOf(message, STUN_ATTRIBUTE.iceControlled) !== undefined)
      return { reply: reply(STUN_TYPE.bindingError, errorCode(487, 'Role Conflict')), selected: undefined };

    const isCopy = this.#isCopy(transactionId, from);
    if (!isCopy) this.#lastCheckMs = nowMs;
    const mapped = {
      type: STUN_ATTRIBUTE.xorMappedAddress,
      value: xorMappedAddress(from, transactionId),
    };
    return {
      reply: reply(STUN_TYPE.bindingSuccess, mapped),
      selected: isCopy ? undefined : this.#nominated(message, from),
    };
  }

  /** RFC 8445 §7.1, §7.2.2: username, integrity and fingerprint, all three. */
  #isOfPeer(message: StunMessage): boolean {
    const [localUfrag, remoteUfrag] = usernameOf(message);
    return (
      localUfrag === this.#local.ufrag &&
      (this.#remoteUfrag === undefined || remoteUfrag === this.#remoteUfrag) &&
      hasFingerprint(message) &&
      hasIntegrity(message, this.#local.password)
    );
  }

  /** RFC 8445 §7.3.2: with USE-CANDIDATE a lite agent selects where the check came from. */
  #nominated(message: StunMessage, from: PeerAddress): PeerAddress | undefined {
    if (attributeOf(message, STUN_ATTRIBUTE.useCandidate) === undefined) return undefined;
    if (this.#selected !== undefined && isSame(this.#selected, from)) return undefined;
    const nominee = { host: from.host, port: from.port };
    if (this.#remoteUfrag === undefined) {
      this.#early = { ufrag: usernameOf(message)[1] ?? '', from: nominee };
      return undefined;
    }
    this.#selected = nominee;
    return this.#selected;
  }

  /**
   * STUN does not guard against replay: whoever heard a check could send it again from an address of his own and draw the
   * media there. A transaction is good for the one address that used it first.
   */
  #isCopy(transactionId: Uint8Array, from: PeerAddress): boolean {
    const id = Buffer.from(transactionId).toString('latin1');
    const entry = `${id}${from.host} ${from.port}`;
    const seen = this.#seenChecks.find((check) => check.startsWith(id));
    if (seen !== undefined) return seen !== entry;
    this.#seenChecks.push(entry);
    if (this.#seenChecks.length > REMEMBERED_CHECKS_MAX) this.#seenChecks.shift();
    return false;
  }
}

/** RFC 8445 §7.2.2: ours, a colon, the peer's; neither has a colon in it (§5.3: letters, digits, `+`, `/`). */
function usernameOf(message: StunMessage): readonly string[] {
  const value = attributeOf(message, STUN_ATTRIBUTE.username)?.value ?? new Uint8Array();
  return Buffer.from(value).toString('utf8').split(':');
}

/** RFC 8489 §14.8. */
function errorCode(code: number, reason: string): { type: number; value: Uint8Array } {
  const head = Buffer.from([0, 0, Math.floor(code / 100), code % 100]);
  return { type: STUN_ATTRIBUTE.errorCode, value: Buffer.concat([head, Buffer.from(reason)]) };
}

/** RFC 8489 §14.13. */
function unknownAttributes(unknown: readonly { readonly type: number }[]): {
  type: number;
  value: Uint8Array;
} {
  const value = Buffer.alloc(2 * unknown.length);
  for (const [index, { type }] of unknown.entries()) value.writeUInt16BE(type, 2 * index);
  return { type: STUN_ATTRIBUTE.unknownAttributes, value };
}
