import type { FetchBytes, HttpOutcome } from '../http.ts';
import { ASK_TIMEOUT_MS, CHARGE_TIMEOUT_MS } from './limits.ts';
import { type Credentials, plainBody } from './requests.ts';

/** The one address of the gateway, where every call is a POST whose first member says what is asked. */
export class AuthorizeNetApi {
  readonly credentials: Credentials;
  readonly #url: string;
  readonly #fetchBytes: FetchBytes;

  constructor(baseUrl: string, credentials: Credentials, fetchBytes: FetchBytes) {
    this.#url = `${baseUrl}/xml/v1/request.api`;
    this.credentials = credentials;
    this.#fetchBytes = fetchBytes;
  }

  /** What changes nothing. */
  ask(root: string, members: object): Promise<HttpOutcome> {
    return this.#post(plainBody(root, this.credentials, members), ASK_TIMEOUT_MS);
  }

  /** What moves money or saves a card. */
  act(body: Uint8Array): Promise<HttpOutcome> {
    return this.#post(body, CHARGE_TIMEOUT_MS);
  }

  #post(body: Uint8Array, timeoutMs: number): Promise<HttpOutcome> {
    const headers = { 'content-type': 'application/json', accept: 'application/json' };
    return this.#fetchBytes({ method: 'POST', url: this.#url, headers, body, timeoutMs });
  }
}
