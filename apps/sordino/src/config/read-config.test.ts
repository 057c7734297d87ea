import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
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

function problemsOf(text: string, environment: Record<string, string> = {}): readonly string[] {
  try {
    readConfig(aFile(text), environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('configuration', () => {
  it('has a working default for everything', () => {
    const config = readConfig(undefined, {});
    expect(config.api).toEqual({ host: '127.0.0.1', port: 8080, keys: [], allowed_origins: [] });
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
    ['api: { port: 99999 }', /^api\.port: .*65535.*example: port: 8080/],
    ['api: { port: http }', /^api\.port: .*number.*example: port: 8080/],
    ['api: { prot: 1 }', /^api\.prot: no such key; known here: host, port, keys, allowed_origins$/],
    ['sipp: {}', /^sipp: no such key; known here: sip, media, api/],
    [
      'platforms: [{ id: main, return_uri: "sip:x" }]',
      /^platforms\.0\.id: must look like plt_name; example: id: plt_main/,
    ],
    ['platforms: [{ id: plt_a }]', /^platforms\.0\.return_uri: .*example: return_uri: "sip:/],
    ['platforms: []', /^platforms: .*example/],
    ['media: { port_min: 20000, port_max: 20001 }', /^media\.port_max: must leave room/],
    ['store: { kind: redis }', /^store\.kind: .*memory.*journal/],
    ['connectors: [{ id: con_a, type: sandbox, url: "ftp://x" }]', /^connectors\.0\.url: /],
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
