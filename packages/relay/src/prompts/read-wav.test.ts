import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { wav } from '../test-support/wav.ts';
import { loadPrompts } from './load-prompts.ts';
import { readWav } from './read-wav.ts';

const SAMPLES = [0, 1, -1, 32_767, -32_768, 258];

describe('a prompt', () => {
  it.each([
    ['as most tools write it', wav(SAMPLES)],
    ['with other chunks before its audio, one of odd length', wav(SAMPLES, { before: ['LIST', 'odd'] })],
    ['in the extensible format', wav(SAMPLES, { extensible: true })],
  ])('is read: %s', (_, file) => {
    const read = readWav(file);
    expect(read.ok && [...read.value]).toEqual(SAMPLES);
  });

  it('whose last chunk was cut short is read as far as it goes', () => {
    const read = readWav(wav(SAMPLES).subarray(0, -3));
    expect(read.ok && [...read.value]).toEqual(SAMPLES.slice(0, 4));
  });

  it.each([
    ['nothing', new Uint8Array(0), /no WAV file/],
    ['an MP3', Buffer.from('ID3\u0003 not a wave at all'), /no WAV file/],
    ['stereo', wav(SAMPLES, { channels: 2 }), /2 channels, 8000 Hz.*sox/],
    ['44.1 kHz', wav(SAMPLES, { rateHz: 44_100 }), /44100 Hz/],
    ['8 bits', wav(SAMPLES, { bits: 8 }), /8 bits/],
    ['mu-law', wav(SAMPLES, { coding: 7 }), /format 7/],
    ['no samples', wav([]), /no audio/],
    ['no data chunk', wav(SAMPLES).subarray(0, 36), /no audio/],
    ['data before the format', wav(SAMPLES, { format: false }), /does not say/],
    ['too long', wav(new Array(301 * 8_000).fill(0)), /lasts 301 s; the limit is 300 s/],
  ])('is refused: %s', (_, file, problem) => {
    const read = readWav(file);
    expect(read.ok ? '' : read.problem).toMatch(problem);
  });

  it('may hold anything without throwing', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (rest) => {
        readWav(Buffer.concat([Buffer.from('RIFF1234WAVE'), rest]));
      }),
    );
  });
});

describe('a folder of prompts', () => {
  const folders: string[] = [];
  const folder = async (files: Record<string, Uint8Array>): Promise<string> => {
    const path = await mkdtemp(join(tmpdir(), 'prompts-'));
    folders.push(path);
    for (const [name, bytes] of Object.entries(files)) await writeFile(join(path, name), bytes);
    return path;
  };
  afterAll(() => Promise.all(folders.map((path) => rm(path, { recursive: true }))));

  it('gives each file its name, and passes over what is no WAV', async () => {
    const prompts = await loadPrompts(
      await folder({
        'welcome.wav': wav([1]),
        'key-your_card.wav': wav([2]),
        'README.txt': Buffer.from('x'),
      }),
    );
    expect([...prompts].map(([name, pcm]) => [name, [...pcm]])).toEqual([
      ['key-your_card', [2]],
      ['welcome', [1]],
    ]);
  });

  it.each([
    ['a name with a space', { 'two words.wav': wav([1]) }, /two words\.wav: a name is/],
    ['a name with room for a card number', { 'p41111.wav': wav([1]) }, /at most four digits/],
    ['a name that is too long', { [`${'a'.repeat(65)}.wav`]: wav([1]) }, /64 characters/],
    ['capitals', { 'Welcome.WAV': wav([1]) }, /Welcome\.WAV: a name is/],
    ['the name of the tone', { 'flat_tone.wav': wav([1]) }, /not flat_tone/],
    ['a wrong file', { 'bad.wav': wav([1], { channels: 2 }) }, /bad\.wav is format 1, 2 channels/],
  ])('is refused for %s', async (_, files, problem) => {
    await expect(loadPrompts(await folder(files))).rejects.toThrow(problem);
  });

  it('that is not there is an error', async () => {
    await expect(loadPrompts('/nonexistent/prompts')).rejects.toThrow(/ENOENT/);
  });
});
