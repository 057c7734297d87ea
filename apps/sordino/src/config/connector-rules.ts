import { GATEWAY_KINDS, type GatewayKind } from '@sordino/payments';

interface Connector {
  readonly id: string;
  readonly type: string;
  readonly url?: string | undefined;
  readonly livemode: boolean;
  readonly reverse_on_unknown: boolean;
  readonly settings: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
}

interface BrokenRule {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** Of the generic connector: with which requests are signed, the newest first; each of them signs. */
export const SIGNING_SECRETS: readonly [string, string] = ['signing_secret', 'previous_signing_secret'];

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** What a connector may be, beyond the shape of each key. Where a card goes is decided here and nowhere else (egress guard). */
export function* brokenConnectorRules(connectors: readonly Connector[]): Generator<BrokenRule> {
  for (const [index, connector] of connectors.entries()) {
    const { id, type, url, livemode, settings, secrets } = connector;
    const at = (key: string, message: string): BrokenRule => ({ path: ['connectors', index, key], message });
    if (connectors.findIndex((other) => other.id === id) !== index) yield at('id', `${id} is there twice`);
    const target = url === undefined || !URL.canParse(url) ? undefined : new URL(url);
    const isHere = target !== undefined && LOOPBACK.test(target.hostname);
    const kind = GATEWAY_KINDS.find((each) => each.type === type);
    if (connector.reverse_on_unknown && kind?.capabilities.cancelByReference !== true)
      yield at('reverse_on_unknown', `${type} cannot undo a charge by our reference`);
    if (kind !== undefined) {
      for (const broken of brokenKindRules(kind, connector, isHere)) yield at(...broken);
      continue;
    }
    if (Object.keys(settings).length > 0) yield at('settings', `${type} has none`);
    if (type === 'sandbox') {
      if (livemode) yield at('livemode', 'must be false: the sandbox moves no money');
      if (Object.keys(secrets).length > 0) yield at('secrets', 'the sandbox has none');
      continue;
    }
    for (const name of Object.keys(secrets))
      if (!SIGNING_SECRETS.includes(name))
        yield at('secrets', `${name} is none of https: ${SIGNING_SECRETS.join(', ')}`);
    if (secrets[SIGNING_SECRETS[0]] === undefined)
      yield at('secrets', `${SIGNING_SECRETS[0]} is needed: requests are signed`);
    if (url === undefined) yield at('url', 'is needed: where the service is that charges');
    if (target === undefined) continue;
    if (livemode && target.protocol !== 'https:') yield at('url', 'must be https, for it carries cards');
    if (!livemode && !isHere)
      yield at('url', 'must be on this machine, such as http://127.0.0.1:8091, unless livemode is true');
  }
}

/** A named gateway: its own addresses, and exactly the settings and secrets that it knows. */
function* brokenKindRules(
  kind: GatewayKind,
  { url, livemode, ...given }: Connector,
  isHere: boolean,
): Generator<[key: string, message: string]> {
  if (url !== undefined && livemode) yield ['url', `must be left out: live cards go to ${kind.liveUrl}`];
  else if (url !== undefined && !isHere)
    yield ['url', `must be on this machine, or left out: test cards go to ${kind.testUrl} then`];
  for (const key of ['settings', 'secrets'] as const) {
    const known = kind[key];
    for (const name of Object.keys(given[key]))
      if (!Object.hasOwn(known, name))
        yield [key, `${name} is none of ${kind.type}: ${Object.keys(known).join(', ')}`];
    for (const [name, { required, example }] of Object.entries(known))
      if (required && !Object.hasOwn(given[key], name))
        yield [key, `${name} is needed by ${kind.type}, such as ${example}`];
  }
  for (const [name, { example }] of Object.entries(kind.settings))
    if (livemode && kind.liveUrl.includes(`{${name}}`) && !Object.hasOwn(given.settings, name))
      yield ['settings', `${name} is needed when livemode is true, such as ${example}`];
  for (const [name, value] of Object.entries(given.settings))
    if (kind.liveUrl.includes(`{${name}}`) && !/^[A-Za-z0-9-]{1,63}$/.test(value))
      yield ['settings', `${name} is a part of a host name: letters, digits and hyphens`];
}
