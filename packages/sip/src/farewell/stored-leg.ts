import type { SipLegLabel } from '@sordino/interception';
import type { ListenPoint, SipAddress, TlsClientFiles } from '../router/transport.ts';

/** Where the endpoint listened, and so where answers and requests of its peers still go. */
export interface StoredEndpoint {
  /** As bound: no port is 0. */
  readonly listen: readonly ListenPoint[];
  readonly advertisedHost?: string;
  /** Names of files, not what is in them. */
  readonly tlsClient?: TlsClientFiles;
}

/** What somebody else needs to end a leg of ours: its INVITE while that is unanswered, its dialog afterwards. No bodies. */
export interface StoredLeg {
  readonly id: string;
  readonly label: SipLegLabel | null;
  readonly role: 'uas' | 'uac';
  /** unanswered: the INVITE has no final answer yet · accepted: a 2xx is out or here, and its ACK is not. */
  readonly state: 'unanswered' | 'accepted' | 'confirmed';
  /** Unix ms. */
  readonly sinceMs: number;
  /** Its listening point, by place in `StoredEndpoint.listen`. */
  readonly point: number;
  /** UAS: where the INVITE came from. UAC: where it went. */
  readonly address: SipAddress;
  readonly callId: string;
  /** What From says in our requests, and To in theirs; with our tag. */
  readonly local: string;
  readonly localTag: string;
  /** The other one; with the peer's tag as soon as it is known. */
  readonly remote: string;
  /** Empty: none is known yet. */
  readonly remoteTag: string;
  /** Request-URI of what we send: the remote target, or that of our INVITE. */
  readonly target: string;
  /** Values of Route, in order. */
  readonly routes: readonly string[];
  /** Number of our last request. */
  readonly cseq: number;
  /** Number of the INVITE, whoever sent it. */
  readonly inviteCseq: number;
  /** Via values of the INVITE: a response repeats them (UAS), a CANCEL has the first (UAC). */
  readonly vias: readonly string[];
}

/** The customer's side, whether the platform called us or we took the call. */
export const isLeg5 = ({ role, label }: StoredLeg): boolean => role === 'uas' || label?.role === 'leg5_in';

export type StoredChange =
  | { readonly endpoint: StoredEndpoint }
  | { readonly leg: StoredLeg }
  | { readonly over: string };

/**
 * Keeps what was stored where it outlives this process. When `write` returns it is there; it is called before any message leaves
 * that depends on it, so it must be quick. Never throws.
 */
export interface DialogKeeper {
  write(changes: readonly StoredChange[]): void;
}

/** A line of the file. `handedBack`: what a farewell leaves behind, in the place of legs. */
export type StoredLine = StoredChange | { readonly handedBack: readonly string[] };

/** A line as it was read; undefined: not one of ours. */
export function readLine(text: string): StoredLine | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isObject(value)) return undefined;
  if (typeof value.over === 'string') return { over: value.over };
  const { handedBack } = value;
  if (Array.isArray(handedBack) && handedBack.every(isLine)) return { handedBack };
  if (isEndpoint(value.endpoint)) return { endpoint: value.endpoint };
  return isStoredLeg(value.leg) ? { leg: value.leg } : undefined;
}

function isStoredLeg(leg: unknown): leg is StoredLeg {
  if (!isObject(leg)) return false;
  const texts = ['id', 'callId', 'local', 'localTag', 'remote', 'remoteTag', 'target'];
  return (
    texts.every((name) => isLine(leg[name])) &&
    (leg.role === 'uas' || leg.role === 'uac') &&
    ['unanswered', 'accepted', 'confirmed'].includes(String(leg.state)) &&
    [leg.sinceMs, leg.point, leg.cseq, leg.inviteCseq].every((number) => Number.isFinite(number)) &&
    isAddress(leg.address) &&
    isLabel(leg.label) &&
    [leg.routes, leg.vias].every((list) => Array.isArray(list) && list.every(isLine))
  );
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** It is going into a header: whatever the file says, it cannot break out of its line. */
const isLine = (value: unknown): value is string => typeof value === 'string' && !/[\r\n\0]/.test(value);

const isAddress = (value: unknown): boolean =>
  isObject(value) && isLine(value.host) && Number.isInteger(value.port);

const isEndpoint = (value: unknown): value is StoredEndpoint =>
  isObject(value) &&
  Array.isArray(value.listen) &&
  value.listen.every((point) => isAddress(point) && isLine((point as ListenPoint).protocol)) &&
  (value.advertisedHost === undefined || isLine(value.advertisedHost));

const isLabel = (value: unknown): boolean =>
  value === null ||
  (isObject(value) &&
    isLine(value.call) &&
    isLine(value.role) &&
    (value.giveBackTo === undefined || isLine(value.giveBackTo)));
