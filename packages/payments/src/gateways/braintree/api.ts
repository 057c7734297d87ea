import type { FetchBytes, HttpOutcome, HttpRequest } from '../http.ts';
import { ASK_TIMEOUT_MS, CHARGE_TIMEOUT_MS } from './limits.ts';

export interface Credentials {
  readonly merchantId: string;
  readonly publicKey: string;
  readonly privateKey: string;
}

/** The version of the protocol that all of Braintree's libraries of today speak. */
const API_VERSION = '6';

/** The merchant's part of the gateway: JSON there, XML back, as Braintree's own library for Node does. */
export class BraintreeApi {
  readonly #base: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #fetchBytes: FetchBytes;

  constructor(baseUrl: string, { merchantId, publicKey, privateKey }: Credentials, fetchBytes: FetchBytes) {
    this.#base = `${baseUrl}/merchants/${encodeURIComponent(merchantId)}`;
    this.#headers = {
      ...{ accept: 'application/xml', 'content-type': 'application/json', 'x-apiversion': API_VERSION },
      authorization: `Basic ${btoa(`${publicKey}:${privateKey}`)}`,
    };
    this.#fetchBytes = fetchBytes;
  }

  /** What changes nothing. */
  ask(path: string, body?: Uint8Array): Promise<HttpOutcome> {
    return this.#send(body === undefined ? 'GET' : 'POST', path, body, ASK_TIMEOUT_MS);
  }

  /** What moves money or saves a card. */
  act(method: 'POST' | 'PUT', path: string, body?: Uint8Array): Promise<HttpOutcome> {
    return this.#send(method, path, body, CHARGE_TIMEOUT_MS);
  }

  #send(
    method: HttpRequest['method'],
    path: string,
    body: Uint8Array | undefined,
    timeoutMs: number,
  ): Promise<HttpOutcome> {
    const url = `${this.#base}${path}`;
    return this.#fetchBytes({ method, url, headers: this.#headers, body, timeoutMs });
  }
}
