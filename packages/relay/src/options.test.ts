import { describe, expect, it } from '@jest/globals';
import { silentLog } from '@sordino/core';
import { checkOptions, type MediaRelayOptions } from './options.ts';

const good: MediaRelayOptions = {
  workers: 2,
  host: '127.0.0.1',
  ports: { min: 20_000, max: 20_007 },
  log: silentLog,
};

describe('the options of a relay', () => {
  it('have defaults', () => {
    expect(checkOptions(good)).toMatchObject({
      advertisedHost: '127.0.0.1',
      lookbackMs: 30,
      rtcpIntervalMs: 5_000,
      prompts: new Map(),
      rehearsals: false,
    });
    expect(checkOptions({ ...good, host: '0.0.0.0', advertisedHost: '192.0.2.1' }).advertisedHost).toBe(
      '192.0.2.1',
    );
    expect(checkOptions({ ...good, host: '::1' }).advertisedHost).toBe('::1');
  });

  it.each<[Partial<MediaRelayOptions>, RegExp]>([
    [{ workers: 0 }, /relay workers is 0; it must be 1 to 64/],
    [{ workers: 1.5 }, /relay workers is 1.5/],
    [{ workers: 65 }, /relay workers is 65/],
    [{ host: 'localhost' }, /relay host is "localhost"; it must be an IP address/],
    [{ host: '0.0.0.0' }, /relay advertisedHost is "0.0.0.0"/],
    [{ advertisedHost: 'media.example' }, /relay advertisedHost is "media.example"/],
    [{ lookbackMs: -1 }, /relay lookbackMs is -1/],
    [{ lookbackMs: 2.5 }, /relay lookbackMs is 2.5/],
    [{ lookbackMs: 1_000 }, /relay lookbackMs is 1000/],
    [{ rtcpIntervalMs: 0 }, /relay rtcpIntervalMs is 0/],
    [{ ports: { min: 0, max: 20_000 } }, /relay ports are 0-20000/],
    [{ ports: { min: 20_000, max: 70_000 } }, /relay ports are 20000-70000/],
    [{ ports: { min: 20_010, max: 20_000 } }, /relay ports are 20010-20000/],
    [{ ports: { min: 20_000, max: 20_006 } }, /hold 3 even\/odd pairs; 2 workers need at least 4/],
  ])('refuse %p', (change, message) => {
    expect(() => checkOptions({ ...good, ...change })).toThrow(message);
  });
});
