import { describe, expect, it } from '@jest/globals';
import { readDemoOptions } from './demo-options.ts';

describe('the flags of the demo', () => {
  it('default to one approved payment, keyed as events, with a delayed offer', () => {
    expect(readDemoOptions([])).toMatchObject({
      offer: 'none',
      keys: ['events'],
      card: 'approved',
      repeat: 1,
    });
  });

  it('take ways of keying for the payments in turn', () => {
    expect(readDemoOptions(['--keys', 'events,both'])).toMatchObject({ keys: ['events', 'both'] });
  });

  it.each([
    [['--keys', 'morse'], '--keys is morse; it takes events, inband, both'],
    [['--keys', 'both,'], '--keys is ; it takes events, inband, both'],
    [['--offer', ''], '--offer is ; it takes none, customer, platform'],
    [['--start', 'me'], '--start is me; it takes platform, refer'],
    [['--repeat', '0'], '--repeat is 0; it takes a whole number from 1 to 9'],
    [['--repeat', '1.5'], '--repeat is 1.5'],
    [['--nonsense'], '--nonsense'],
    [['stray'], 'stray'],
  ])('%j is refused by name', (args, message) => {
    expect(() => readDemoOptions(args)).toThrow(message);
  });
});
