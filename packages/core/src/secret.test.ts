import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { Secret } from './secret.ts';

describe('a secret', () => {
  const secret = new Secret('hunter2');

  it.each([
    ['a template', `${secret}`],
    ['JSON', JSON.stringify({ secret })],
    ['the inspector', inspect({ deep: { secret } })],
    ['an error message', String(new Error(`no ${secret}`))],
    ['its own keys', Object.keys(secret).join()],
  ])('does not show in %s', (_where, text) => {
    expect(text).not.toContain('hunter2');
  });

  it('is read on purpose', () => {
    expect(secret.reveal()).toBe('hunter2');
  });
});
