import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { configSchema } from '../config/schema.ts';
import { admissionOf, loopbackOnly } from './admission.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'sordino-admission-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

const configOf = (platform: object) =>
  configSchema.parse({
    platforms: [{ id: 'plt_a', return_uri: 'sip:{call_id}@pbx.example.com:5070', ...platform }],
  });

function aFile(text: string): string {
  const path = join(directory, `${Math.random()}`);
  writeFileSync(path, text);
  return path;
}

describe('who may be called', () => {
  it('are the hosts of the return address, of REFER, and those that are named', () => {
    const refer = { form: 'target_dialog', target_uri: 'sip:x@[2001:db8::7]:5060' };
    const { platforms } = admissionOf(configOf({ refer, return_hosts: ['a.example', 'b.example:5061'] }));
    expect(platforms[0]?.callHosts).toEqual([
      'pbx.example.com',
      '2001:db8::7',
      'a.example',
      'b.example:5061',
    ]);
  });
});

describe('what a platform signs in with', () => {
  // printf %s pbx:sordino:secret | sha256sum, and md5sum.
  const sha256 = '5c2f1a'.padEnd(64, '0');
  it('is kept as a hash for its realm, whichever way it was written', () => {
    const file = aFile('secret\n');
    const read = (inbound: object) =>
      admissionOf(configOf({ auth: { inbound: { username: 'pbx', ...inbound } } })).platforms[0]?.inbound;
    const written = read({ password: 'secret' });
    expect(JSON.stringify([...(written?.ha1 ?? [])])).not.toContain('secret');
    expect([...(written?.ha1.keys() ?? [])]).toEqual(['SHA-256', 'MD5']);
    expect(read({ password_file: file })).toEqual(written);
    expect([...(read({ ha1: { sha256 } })?.ha1 ?? [])]).toEqual([['SHA-256', sha256]]);
    expect([...(read({ password: 'secret', algorithms: ['MD5'] })?.ha1.keys() ?? [])]).toEqual(['MD5']);
  });

  it.each([
    [
      'is not there',
      '/nowhere/at/all',
      /platform plt_a: auth.outbound.password_file: .* cannot be read \(ENOENT\)/,
    ],
    ['is empty', '', /must hold one line, the password/],
    ['has two lines', 'secret\nsecret\n', /must hold one line, the password/],
  ])('stops the start where its file %s', (_what, text, problem) => {
    const path = text.startsWith('/') ? text : aFile(text);
    const config = configOf({ auth: { outbound: { username: 'u', password_file: path } } });
    expect(() => admissionOf(config)).toThrow(problem);
    expect(() => admissionOf(config)).not.toThrow(/secret/);
  });
});

describe('a platform with nothing to know it by', () => {
  it.each([
    [{}, ['plt_a']],
    [{ allow: ['203.0.113.7'] }, []],
    [{ tls_names: ['sbc.example.com'] }, []],
    [{ auth: { inbound: { username: 'u', password: 'p' } } }, []],
    [{ auth: { outbound: { username: 'u', password: 'p' } } }, ['plt_a']],
  ])('%j: loopback only for %j', (platform, expected) => {
    expect(loopbackOnly(configOf(platform).platforms)).toEqual(expected);
  });
});
