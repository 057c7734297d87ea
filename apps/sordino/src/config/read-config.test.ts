import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TestAuthority } from '@sordino/sip/testing';
import { ConfigError, readConfig } from './read-config.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'sordino-config-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

function aFile(text: string): string {
  const path = join(directory, `${Math.random()}.yaml`);
  writeFileSync(path, text);
  return path;
}

/** One platform with one more key, or with another address. */
const aPlatform = (key: string): string =>
  `platforms: [{ id: plt_a, ${key.startsWith('return_uri') ? '' : 'return_uri: "sip:x@h", '}${key} }]`;

function problemsOf(text: string, environment: Record<string, string> = {}): readonly string[] {
  try {
    readConfig(aFile(text), environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

const aConnector = (rest: string): string => `connectors: [{ id: con_a, type: https, ${rest} }]`;
const aWebhook = (rest: string): string => `webhooks: [{ id: whe_a, secrets: ["file:/a"], ${rest} }]`;

describe('configuration', () => {
  it('has a working default for everything', () => {
    const config = readConfig(undefined, {});
    expect(config.api).toEqual({
      host: '127.0.0.1',
      port: 8080,
      keys: [],
      requests_per_s: 500,
      page_requests_per_s: 20,
      test_faults: true,
      allowed_origins: [],
    });
    expect(config.platforms[0]).toMatchObject({
      id: 'plt_main',
      commit: 'after_leg7',
      codecs: ['PCMU', 'PCMA'],
    });
  });

  it('is read from a file', () => {
    const config = readConfig(aFile('api: { port: 9000 }\nstore: { kind: memory }\n'), {});
    expect([config.api.port, config.store.kind]).toEqual([9000, 'memory']);
  });

  it('lets the environment override the file', () => {
    const environment = {
      SORDINO_API__PORT: '9001',
      SORDINO_PLATFORMS: '[{ id: plt_x, return_uri: "sip:{call_id}@127.0.0.1:5080" }]',
      HOME: '/root',
    };
    const config = readConfig(aFile('api: { port: 9000 }'), environment);
    expect([config.api.port, config.platforms[0]?.id]).toEqual([9001, 'plt_x']);
  });

  it.each([
    [
      '{ protocol: tls, host: h, port: 1 }',
      /^sip\.listen\.0\.tls: is needed for tls.*example: tls: \{ cert_file/,
    ],
    [
      '{ protocol: udp, host: h, port: 1, origins: ["http://a"] }',
      /^sip\.listen\.0\.origins: means nothing for udp/,
    ],
    ['{ protocol: udp, host: "[::1]", port: 1 }', /^sip\.listen\.0\.host: .*without brackets/],
    [
      '{ protocol: tls, host: h, port: 1, tls: { cert_file: /nowhere.pem, key_file: /nowhere.key } }',
      /^sip\.listen\.0\.tls: \/nowhere\.pem: cannot be read \(ENOENT\)/,
    ],
    ['{ protocol: sctp, host: h, port: 1 }', /^sip\.listen\.0\.protocol: .*example: protocol: udp/],
  ])('says what is wrong with a listening point: %s', (point, problem) => {
    expect(problemsOf(`sip: { listen: [${point}] }`)).toEqual([expect.stringMatching(problem)]);
  });

  it.each(['192.0.2.53', '192.0.2.53:5353', '2001:db8::53', '"[2001:db8::53]:5353"'])(
    'takes the DNS server %s',
    (server) => {
      expect(problemsOf(`sip: { dns_servers: [${server}] }`)).toEqual([]);
    },
  );

  it.each(['dns.example.com', '192.0.2', '""'])('refuses %s as a DNS server', (server) => {
    expect(problemsOf(`sip: { dns_servers: [${server}] }`)).toEqual([
      expect.stringMatching(/^sip\.dns_servers\.0: must be an address/),
    ]);
  });

  it('says what is wrong with certificates', async () => {
    const authority = await TestAuthority.make();
    const good = await authority.issue({ names: ['dns:a'] });
    const other = await authority.issue({ names: ['dns:b'] });
    const old = await authority.issue({ names: ['dns:a'], days: -3 });
    const point = (cert: string, key: string, more = ''): string =>
      `sip: { listen: [{ protocol: tls, host: h, port: 1, tls: { cert_file: ${cert}, key_file: ${key}${more} } }] }`;
    const { certFile, keyFile } = good;
    expect(problemsOf(point(certFile, keyFile))).toEqual([]);
    expect(problemsOf(point(certFile, other.keyFile))).toEqual([expect.stringMatching(/does not belong/)]);
    expect(problemsOf(point(old.certFile, old.keyFile))).toEqual([expect.stringMatching(/has expired on/)]);
    expect(problemsOf(point(certFile, keyFile, ', client_certificates: required'))).toEqual([
      expect.stringMatching(/^sip\.listen\.0\.tls\.ca_file: is needed for client certificates/),
    ]);
    expect(problemsOf(`sip: { tls_client: { cert_file: ${certFile} } }`)).toEqual([
      expect.stringMatching(/^sip\.tls_client: a certificate and its key come together/),
    ]);
    authority.remove();
  });

  it.each([
    ['api: { port: 99999 }', /^api\.port: .*65535.*example: port: 8080/],
    ['api: { port: http }', /^api\.port: .*number.*example: port: 8080/],
    [
      'api: { prot: 1 }',
      /^api\.prot: no such key; known here: host, port, keys, requests_per_s, page_requests_per_s, test_faults/,
    ],
    ['sipp: {}', /^sipp: no such key; known here: sip, media, api/],
    [
      'platforms: [{ id: main, return_uri: "sip:x" }]',
      /^platforms\.0\.id: must look like plt_name; example: id: plt_main/,
    ],
    ['platforms: [{ id: plt_a }]', /^platforms\.0\.return_uri: .*example: return_uri: "sip:/],
    ['platforms: []', /^platforms: .*example/],
    ['media: { port_min: 20000, port_max: 20001 }', /^media\.port_max: must leave room/],
    [
      aPlatform('return_uri: "sip:x@h:5060;transport=tls"'),
      /^platforms\.0\.return_uri: needs a tls listening/,
    ],
    [aPlatform('return_uri: "sips:x@h"'), /^platforms\.0\.return_uri: needs a tls listening point/],
    [
      aPlatform('return_uri: "sip:u:secret@h"'),
      /^platforms\.0\.return_uri: .*a password is never part of it/,
    ],
    [aPlatform('return_uri: "sip:u@h;maddr=192.0.2.1"'), /^platforms\.0\.return_uri: a SIP URI with ;maddr/],
    [aPlatform('refer: { target_uri: "sip:x@h" }'), /^platforms\.0\.refer\.target_uri: has no effect while/],
    [aPlatform('number_required: true'), /^platforms\.0\.number_pool: must hold numbers/],
    [
      aPlatform('session_timer: { expires_s: 60 }'),
      /^platforms\.0\.session_timer\.expires_s: must be 0 or at/,
    ],
    [
      aPlatform('correlation_headers: [X-A, contact]'),
      /^platforms\.0\.correlation_headers\.1: is written by/,
    ],
    [aPlatform('correlation_headers: [x-sordino-token]'), /^platforms\.0\.correlation_headers\.0: holds the/],
    [aPlatform('return_header: From'), /^platforms\.0\.return_header: means something else/],
    [
      `platforms: [{ id: plt_a, return_uri: "sip:a" }, { id: plt_a, return_uri: "sip:b" }]`,
      /^platforms\.1\.id: is the same as platforms\.0\.id: .*example: id: plt_main/,
    ],
    [
      `platforms: [{ id: plt_a, return_uri: "sip:a", number_pool: ["+4420390004", "+4420390005"] }, { id: plt_b, return_uri: "sip:b", number_pool: ["+4420390005"] }]`,
      /^platforms\.1\.number_pool\.0: is the same as platforms\.0\.number_pool\.1/,
    ],
    ['store: { kind: floppy }', /^store\.kind: .*memory.*journal.*redis/],
    ['store: { kind: redis }', /^store\.redis: is needed: where Redis is; example/],
    ['store: { redis: { url: "redis://r:1" } }', /^store\.redis: means nothing for kind journal/],
    ['store: { kind: redis, redis: {} }', /^store\.redis\.url: exactly one of url, sentinels and cluster/],
    [
      'store: { kind: redis, redis: { url: "redis://r:1", cluster: ["r:1"] } }',
      /^store\.redis\.url: exactly one/,
    ],
    [
      'store: { kind: redis, redis: { sentinels: ["r:1"] } }',
      /^store\.redis\.name: is what the Sentinels call/,
    ],
    [
      'store: { kind: redis, redis: { url: "redis://:secret@r:1" } }',
      /^store\.redis\.url: must be redis:.*without user and password/,
    ],
    ['store: { kind: redis, redis: { url: "redis://r:1", tls: {} } }', /^store\.redis\.url: must be rediss:/],
    [
      'store: { kind: redis, redis: { url: "redis://r:1", password: hunter2 } }',
      /^store\.redis\.password: must be file:/,
    ],
    ['connectors: [{ id: con_a, type: sandbox, url: "ftp://x" }]', /^connectors\.0\.url: /],
    [
      aConnector('url: "https://pay.example.com"'),
      /^connectors\.0\.secrets: signing_secret is needed: requests are signed/,
    ],
    [aConnector('secrets: { signing_secret: "file:/a" }'), /^connectors\.0\.url: is needed/],
    [
      aConnector('url: "https://pay.example.com", secrets: { signing_secret: "file:/a" }'),
      /^connectors\.0\.url: must be on this machine, .* unless livemode is true/,
    ],
    [
      aConnector('url: "http://pay.example.com", secrets: { signing_secret: "file:/a" }, livemode: true'),
      /^connectors\.0\.url: must be https, for it carries cards/,
    ],
    ['connectors: [{ id: con_a, type: sandbox, livemode: true }]', /^connectors\.0\.livemode: must be false/],
    [
      'connectors: [{ id: con_a, type: adyen, livemode: true, settings: { merchant_account: A }, secrets: { api_key: "env:K" } }]',
      /^connectors\.0\.settings: live_prefix is needed when livemode is true/,
    ],
    [
      'connectors: [{ id: con_a, type: sandbox }, { id: con_a, type: sandbox }]',
      /^connectors\.1\.id: con_a is there twice/,
    ],
    [aWebhook('url: "http://crm.example.com"'), /^webhooks\.0\.url: must be https, unless allow_private/],
    [
      aWebhook('url: "https://crm.example.com", events: [session]'),
      /^webhooks\.0\.events\.0: must be \*, session/,
    ],
    ['- a\n- b', /must be a mapping of keys/],
    ['api: { port: [', /not YAML/],
  ])('refuses %j by naming the key', (text, message) => {
    expect(problemsOf(text).join('\n')).toMatch(message);
  });

  it('names the environment variable whose value is not YAML', () => {
    expect(problemsOf('', { SORDINO_API__PORT: '[' })).toEqual([
      expect.stringMatching(/^SORDINO_API__PORT: not YAML/),
    ]);
  });

  it('names a file that is not there', () => {
    expect(() => readConfig(join(directory, 'none.yaml'), {})).toThrow(
      /none\.yaml: cannot be read \(ENOENT\)/,
    );
  });
});

describe('what a platform signs in with', () => {
  const platform = (auth: string): string =>
    `platforms: [{ id: plt_a, return_uri: "sip:{call_id}@127.0.0.1:5070", auth: ${auth} }]`;
  const SECRET = 'hunter2hunter2';

  it.each([
    ['a password', `{ inbound: { username: pbx, password: ${SECRET} } }`],
    ['a file', '{ inbound: { username: pbx, password_file: /etc/pbx } }'],
    ['a hash', `{ inbound: { username: pbx, ha1: { sha256: "${'0a'.repeat(32)}" } } }`],
    ['both directions', `{ inbound: { username: a, password: b }, outbound: { username: c, password: d } }`],
    ['nothing', '{}'],
  ])('may be %s', (_what, auth) => expect(problemsOf(platform(auth))).toEqual([]));

  it.each([
    [
      'two ways at once',
      `{ inbound: { username: p, password: ${SECRET}, password_file: /x } }`,
      /exactly one of/,
    ],
    ['none at all', '{ inbound: { username: p } }', /exactly one of/],
    ['none to the platform', '{ outbound: { username: p } }', /exactly one of/],
    [
      'a user with a colon',
      `{ inbound: { username: "a:b", password: ${SECRET} } }`,
      /username: must not hold a colon/,
    ],
    [
      'a password of two lines',
      `{ outbound: { username: p, password: "${SECRET}\\nx" } }`,
      /password: must not hold/,
    ],
    ['a password that is a list', `{ outbound: { username: p, password: [${SECRET}] } }`, /password: /],
    ['a long password', `{ outbound: { username: p, password: "${SECRET.repeat(30)}" } }`, /password: /],
    ['half a hash', `{ inbound: { username: p, ha1: { md5: "${SECRET}" } } }`, /md5: must be 32/],
    ['an empty hash', '{ inbound: { username: p, ha1: {} } }', /must have sha256, md5, or both/],
    [
      'an unknown algorithm',
      `{ inbound: { username: p, password: ${SECRET}, algorithms: [SHA-1] } }`,
      /algorithms/,
    ],
    ['a misspelt key', `{ inbound: { username: p, pasword: ${SECRET} } }`, /pasword: no such key/],
  ])('may not be %s, and the password is in no message', (_what, auth, problem) => {
    const problems = problemsOf(platform(auth)).join('\n');
    expect(problems).toMatch(problem);
    expect(problems).not.toContain(SECRET);
  });

  it('is told apart from other platforms by user and realm', () => {
    const of = (id: string, realm: string): string =>
      `{ id: ${id}, return_uri: "sip:a@127.0.0.1", auth: { inbound: { username: u, password: p, realm: ${realm} } } }`;
    const all = (...platforms: string[]): readonly string[] =>
      problemsOf(`platforms: [${platforms.join(', ')}]`);
    expect(all(of('plt_a', 'x'), of('plt_b', 'y'))).toEqual([]);
    expect(all(of('plt_a', 'x'), of('plt_b', 'x')).join()).toContain(
      'platforms.1.auth.inbound.username: is the same as',
    );
    const five = ['a', 'b', 'c', 'd', 'e'].map((realm) => of(`plt_${realm}`, realm));
    expect(all(...five).join()).toContain('has 5 auth.inbound.realm, at most 4');
  });
});

describe('where a platform signals from', () => {
  it.each([
    ['[203.0.113.9, 203.0.113.0/24, "2001:db8::/32", "::1", "::ffff:10.0.0.0/104"]', true],
    ['[pbx.example.com]', false],
    ['["203.0.113.9:5060"]', false],
    ['[203.0.113.0/33]', false],
    ['["2001:db8::/129"]', false],
    ['["203.0.113"]', false],
    ['["::ffff:10.0.0.0/95"]', false],
    ['[""]', false],
  ])('%s: %p', (allow, fine) => {
    const problems = problemsOf(`platforms: [{ id: plt_a, return_uri: "sip:a@127.0.0.1", allow: ${allow} }]`);
    expect(problems.length === 0).toBe(fine);
    if (!fine) expect(problems[0]).toMatch(/^platforms\.0\.allow\.0: must be an IP address or a CIDR block/);
  });
});
