interface Connector {
  readonly id: string;
  readonly type: 'sandbox' | 'https';
  readonly url?: string | undefined;
  readonly livemode: boolean;
  readonly secret_files: readonly string[];
}

interface BrokenRule {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** What a connector may be, beyond the shape of each key. Where a card goes is decided here and nowhere else (egress guard). */
export function* brokenConnectorRules(connectors: readonly Connector[]): Generator<BrokenRule> {
  for (const [index, { id, type, url, livemode, secret_files }] of connectors.entries()) {
    const at = (key: string, message: string): BrokenRule => ({ path: ['connectors', index, key], message });
    if (connectors.findIndex((other) => other.id === id) !== index) yield at('id', `${id} is there twice`);
    const target = url === undefined || !URL.canParse(url) ? undefined : new URL(url);
    const isHere = target !== undefined && LOOPBACK.test(target.hostname);
    if (type === 'sandbox') {
      if (livemode) yield at('livemode', 'must be false: the sandbox moves no money');
      if (secret_files.length > 0) yield at('secret_files', 'the sandbox has none');
      continue;
    }
    if (url === undefined) yield at('url', 'is needed: where the service is that charges');
    if (secret_files.length === 0) yield at('secret_files', 'is needed: requests are signed');
    if (target === undefined) continue;
    if (livemode && target.protocol !== 'https:') yield at('url', 'must be https, for it carries cards');
    if (!livemode && !isHere)
      yield at('url', 'must be on this machine, such as http://127.0.0.1:8091, unless livemode is true');
  }
}
