import { URI } from 'sip.js/lib/core/index.js';
import type { ParsedUri } from '../ingress/parse-result.ts';
import { isSipScheme, parseUri } from '../ingress/uri.ts';

/**
 * A URI that is printed exactly as it was read. sip.js decodes and encodes the user part when it prints one, which throws
 * for `50%25` (C2) and turns `tel:` into `tel://`; since `clone` is overridden too, no copy of it does either.
 */
export class WireUri extends URI {
  readonly #parsed: ParsedUri;
  readonly #text: string;

  private constructor(parsed: ParsedUri, text: string) {
    // sip.js wants a host; that of an opaque URI (tel:) is never looked at. It knows no sips and would answer 416.
    super(
      isSipScheme(parsed.scheme) ? 'sip' : parsed.scheme,
      parsed.rawUser ?? '',
      parsed.host || 'opaque.invalid',
      parsed.port,
    );
    this.#parsed = parsed;
    this.#text = text;
  }

  /** As in From and To. */
  static asWritten(parsed: ParsedUri): WireUri {
    return new WireUri(parsed, parsed.text);
  }

  /** As a Request-URI, which has no `?headers` (RFC 3261 §19.1.1). */
  static asTarget(parsed: ParsedUri): WireUri {
    const question = parsed.text.indexOf('?');
    return new WireUri(parsed, question < 0 ? parsed.text : parsed.text.slice(0, question));
  }

  /** From configuration or the call model: undefined when it is not a `sip:` or `sips:` URI. */
  static parse(text: string): WireUri | undefined {
    const parsed = parseUri(text, 'all');
    return parsed.ok && isSipScheme(parsed.value.scheme) ? WireUri.asTarget(parsed.value) : undefined;
  }

  get namesOtherHost(): boolean {
    return this.#parsed.params.has('maddr');
  }

  override clone(): WireUri {
    return new WireUri(this.#parsed, this.#text);
  }

  override toRaw(): string {
    return this.#text;
  }

  override toString(): string {
    return this.#text;
  }
}
