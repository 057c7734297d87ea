import { isIP } from 'node:net';
import { plainAddress, type TcpConnection } from './tcp-connection.ts';
import type { SipAddress } from './transport.ts';

/** Addresses whose proven name is kept after their connection: as many as there may be connections. */
const KNOWN_NAMES_MAX = 1_024;

/**
 * Open connections by where they lead, and by the name that the peer had to prove: example.com and example.net may be
 * behind one address and are not one peer (RFC 5923 §9.1). `;alias` of RFC 5923 §5 is not followed: whoever may connect could then
 * draw to itself what we have to say to another port of its host; a dialog finds its peer's last connection by its tags instead.
 */
export class ConnectionTable {
  readonly #byKey = new Map<string, TcpConnection>();
  readonly #keys = new Map<TcpConnection, readonly string[]>();
  readonly #knownNames = new Map<string, string>();

  add(remote: SipAddress, connection: TcpConnection): void {
    const keys = [keyOf(remote)];
    // A Contact often holds the bare address of a peer that has proved its name there: it finds this connection too.
    if (nameIn(remote) !== undefined) keys.push(addressOf(remote));
    for (const key of keys) this.#byKey.set(key, connection);
    this.#keys.set(connection, keys);
  }

  find(remote: SipAddress): TcpConnection | undefined {
    return this.#byKey.get(keyOf(remote));
  }

  remove(connection: TcpConnection): void {
    for (const key of this.#keys.get(connection) ?? []) {
      if (this.#byKey.get(key) === connection) this.#byKey.delete(key);
    }
    this.#keys.delete(connection);
  }

  /** A bare address that was dialled by name before must prove that same name again, not its address. */
  withKnownName(remote: SipAddress): SipAddress {
    return nameIn(remote) === undefined
      ? { ...remote, name: this.#knownNames.get(addressOf(remote)) }
      : remote;
  }

  /** The peer at this address has proved its name. */
  learnName(remote: SipAddress): void {
    const name = nameIn(remote);
    if (name === undefined) return;
    const address = addressOf(remote);
    this.#knownNames.delete(address);
    this.#knownNames.set(address, name);
    for (const oldest of this.#knownNames.keys()) {
      if (this.#knownNames.size <= KNOWN_NAMES_MAX) break;
      this.#knownNames.delete(oldest);
    }
  }
}

/** The domain that was asked for, where it was one. */
const nameIn = ({ name }: SipAddress): string | undefined =>
  name === undefined || isIP(name) !== 0 ? undefined : name.toLowerCase();

const addressOf = ({ host, port }: SipAddress): string => `${plainAddress(host)}|${port}`;

function keyOf(remote: SipAddress): string {
  const name = nameIn(remote);
  return name === undefined ? addressOf(remote) : `${addressOf(remote)}|${name}`;
}
