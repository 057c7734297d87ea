import { parseArgs } from 'node:util';
import { ApiKeys, hashCredential, makeApiKey, openFileKeyShelf } from '@sordino/app-payments';
import { API_SCOPES, type ApiScope } from '@sordino/core';
import { readConfigOrExplain } from '../config/read-or-explain.ts';
import { apiKeyDirectory } from '../start/credentials.ts';
import { randomBytes, systemScheduler } from '../system.ts';

const DAY_MS = 86_400_000;
const DAYS_MAX = 3_660;

interface KeysOptions {
  readonly config?: string | undefined;
  readonly tenant: string;
  readonly live: boolean;
  readonly name?: string | undefined;
  readonly scopes?: string | undefined;
  readonly days?: string | undefined;
}

/** `sordino keys`: 0 when it is done, 1 when there is no such key, 2 for a wrong call. */
export async function runKeys([verb, ...args]: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      config: { type: 'string' },
      tenant: { type: 'string', default: 'default' },
      live: { type: 'boolean', default: false },
      name: { type: 'string' },
      scopes: { type: 'string' },
      days: { type: 'string' },
    },
  });
  if (verb === 'make') return make(values.live);
  if (verb !== 'create' && verb !== 'list' && verb !== 'revoke')
    return wrong('there are: sordino keys create, list, revoke, make');
  const keys = openKeys(values.config);
  if (keys === undefined) return 2;
  if (verb === 'create') return create(keys, values);
  const caller = { tenant: values.tenant, livemode: values.live };
  if (verb === 'list') {
    for (const key of keys.list(caller))
      say(
        `${key.id}  …${key.ends_with}  ${key.status}  ${key.scopes.join(',')}  ${key.name ?? ''}`.trimEnd(),
      );
    return 0;
  }
  const revoked = keys.revoke(caller, positionals[0] ?? '');
  if (typeof revoked !== 'string') return 0;
  process.stderr.write(`sordino keys: ${revoked}: sordino keys list shows those of --tenant and mode\n`);
  return 1;
}

function make(livemode: boolean): number {
  const key = makeApiKey(livemode, randomBytes);
  say(`${key}\nsha256: ${hashCredential(key)}`);
  return 0;
}

function openKeys(file: string | undefined): ApiKeys | undefined {
  const config = readConfigOrExplain(file);
  if (config === undefined) return undefined;
  if (config.store.kind === 'memory') {
    wrong(
      'store.kind is memory, which keeps no keys: use sordino keys make and api.keys of the configuration',
    );
    return undefined;
  }
  return new ApiKeys([], openFileKeyShelf(apiKeyDirectory(config.store)), systemScheduler, randomBytes);
}

function create(keys: ApiKeys, { tenant, live, name, scopes, days }: KeysOptions): number {
  const asked = scopes?.split(',') ?? API_SCOPES;
  const unknown = asked.find((scope) => !(API_SCOPES as readonly string[]).includes(scope));
  if (unknown !== undefined)
    return wrong(`--scopes: there is no ${unknown}; there are ${API_SCOPES.join(', ')}`);
  if (days !== undefined && !(/^[1-9]\d{0,3}$/.test(days) && Number(days) <= DAYS_MAX))
    return wrong(`--days takes 1 to ${DAYS_MAX}`);
  const expires = days === undefined ? null : systemScheduler.wallMs() + Number(days) * DAY_MS;
  const made = keys.create(
    { tenant, livemode: live },
    { name, scopes: asked as readonly ApiScope[], expires },
  );
  if (typeof made === 'string') return wrong(made);
  say(made.key ?? '');
  process.stderr.write(`sordino keys: made ${made.id}; the key is shown this once\n`);
  return 0;
}

const say = (text: string): void => void process.stdout.write(`${text}\n`);

function wrong(problem: string): number {
  process.stderr.write(`sordino keys: ${problem}\n`);
  return 2;
}
