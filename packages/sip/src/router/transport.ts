/** Sockets of the SIP side: they move octets, and know no transactions and no dialogs. */
export type SipProtocol = 'udp' | 'tcp';

export interface Flow {
  readonly protocol: SipProtocol;
  readonly local: { readonly host: string; readonly port: number };
  readonly remote: { readonly host: string; readonly port: number };
}

export interface ListenPoint {
  readonly protocol: SipProtocol;
  readonly host: string;
  /** 0: chosen by the operating system, see `SipTransport.local`. */
  readonly port: number;
}

export interface SipTransport {
  readonly protocol: SipProtocol;
  /** The bound address. */
  readonly local: { readonly host: string; readonly port: number };
  /**
   * Sends one message to an address (TCP: over the open connection to it, else a new one). Rejects when it cannot be sent;
   * never throws synchronously (sip.js C10).
   */
  send(message: string | Uint8Array, remote: { readonly host: string; readonly port: number }): Promise<void>;
  close(): Promise<void>;
}

/** Exactly one whole message (TCP: framed by Content-Length), valid during the call only. */
export type MessageHandler = (raw: Uint8Array, flow: Flow) => void;
