/** Sockets of the SIP side: they move octets, and know no transactions and no dialogs. */
export type SipProtocol = 'udp' | 'tcp' | 'tls' | 'ws' | 'wss';

/** Who a connection under TLS comes from, as far as a certificate proves it. */
export interface FlowTls {
  /** The peer showed a certificate that a certificate authority of ours vouches for. */
  readonly authorized: boolean;
  /** Lower-case domains and addresses of that certificate (RFC 5922 §7.1); empty unless authorized. */
  readonly names: readonly string[];
}

export interface Flow {
  readonly protocol: SipProtocol;
  readonly local: { readonly host: string; readonly port: number };
  readonly remote: { readonly host: string; readonly port: number };
  /** Under TLS only. */
  readonly tls?: FlowTls;
  /** Ends the connection; absent where there is none (UDP). */
  readonly close?: () => void;
}

/** Asked before a connection from this address is taken: undefined closes it, else call the result when it is gone. */
export type ConnectionGate = (host: string) => (() => void) | undefined;

/** What a TLS listening point shows, and what it asks of those who connect. */
export interface TlsListenFiles {
  /** PEM: our certificate, then those between it and the root. */
  readonly certFile: string;
  readonly keyFile: string;
  /** PEM: authorities of client certificates. */
  readonly caFile?: string;
  /** `optional` tells platforms apart by certificate where they have one; `required` refuses the handshake without. */
  readonly clientCertificates?: 'none' | 'optional' | 'required';
}

/** How we connect to others. There is no switch that turns verification off: name the peer's authority in `caFile`. */
export interface TlsClientFiles {
  /** PEM: authorities of servers; left out: those of the system. */
  readonly caFile?: string;
  /** Our own client certificate, with its key. */
  readonly certFile?: string;
  readonly keyFile?: string;
}

export interface ListenPoint {
  readonly protocol: SipProtocol;
  readonly host: string;
  /** 0: chosen by the operating system, see `SipTransport.local`. */
  readonly port: number;
  /** What peers see instead, in Via, Contact and rendezvous: the outside of a NAT. */
  readonly advertised?: { readonly host?: string | undefined; readonly port?: number | undefined };
  /** `tls` and `wss` only, and needed there. */
  readonly tls?: TlsListenFiles;
  /** `ws` and `wss` only: pages that may connect; left out: all. */
  readonly origins?: readonly string[];
}

/** Where a message goes. */
export interface SipAddress {
  readonly host: string;
  readonly port: number;
  /** What the peer's certificate must prove under TLS: the domain of the URI, before any DNS (RFC 5922 §7.3). Default: host. */
  readonly name?: string | undefined;
}

export interface SipTransport {
  readonly protocol: SipProtocol;
  /** The bound address. */
  readonly local: { readonly host: string; readonly port: number };
  /**
   * Sends one message to an address (TCP: over the open connection to it, else a new one). Rejects when it cannot be sent;
   * never throws synchronously (sip.js C10).
   */
  send(message: string | Uint8Array, remote: SipAddress): Promise<void>;
  /** Streams: a connection to it is open, so that nothing needs to be dialled. */
  isConnected?(remote: SipAddress): boolean;
  /** Streams: `lost` is told of each connection to a peer that was open and is not any more. */
  onLost?(lost: (remote: SipAddress) => void): void;
  close(): Promise<void>;
}

/** Exactly one whole message (TCP: framed by Content-Length), valid during the call only. */
export type MessageHandler = (raw: Uint8Array, flow: Flow) => void;
