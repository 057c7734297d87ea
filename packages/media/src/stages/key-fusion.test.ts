import { describe, expect, it } from '@jest/globals';
import { KeyFusion } from './key-fusion.ts';

const ms = (time: number): number => time * 8;

function fusion() {
  const keys: string[] = [];
  let alone = 0;
  const stage = new KeyFusion({
    key: (code, transport) => keys.push(`${code} ${transport}`),
    toneWithoutEvent: () => {
      alone += 1;
    },
  });
  const event = (code: number, from: number, to: number): void => {
    stage.eventStarted(code, ms(from));
    stage.eventReaches(ms(to));
    stage.eventEnded();
  };
  /** A tone is recognised 40 ms after its onset. */
  const tone = (code: number, from: number, to: number): void => {
    stage.toneStarted(code, ms(from), ms(from + 40));
    stage.toneReaches(ms(to));
  };
  return { stage, keys, event, tone, alone: () => alone };
}

describe('key fusion', () => {
  it.each([
    ['at the same time', [0, 100], [0, 100]],
    ['tone first, cut off by the gateway', [40, 140], [0, 40]],
    ['tone later, through the loudspeaker', [0, 100], [60, 160]],
  ])('event and tone %s are one key', (_, event, tone) => {
    const eventFirst = fusion();
    eventFirst.event(4, event[0] ?? 0, event[1] ?? 0);
    eventFirst.tone(4, tone[0] ?? 0, tone[1] ?? 0);
    expect(eventFirst.keys).toEqual(['4 rfc4733']);
    const toneFirst = fusion();
    toneFirst.tone(4, tone[0] ?? 0, tone[1] ?? 0);
    toneFirst.event(4, event[0] ?? 0, event[1] ?? 0);
    expect(toneFirst.keys).toEqual(['4 inband']);
  });

  it('a tone that begins shortly after its event is over is its echo', () => {
    const { keys, event, tone } = fusion();
    event(4, 0, 100);
    tone(4, 150, 230);
    expect(keys).toEqual(['4 rfc4733']);
  });

  it.each([
    ['different keys at the same time', 5, [0, 100]],
    ['the same key 300 ms later', 4, [400, 500]],
  ])('%s are two keys', (_, code, [from = 0, to = 0]) => {
    const { keys, event, tone } = fusion();
    event(4, 0, 100);
    tone(code, from, to);
    expect(keys).toEqual(['4 rfc4733', `${code} inband`]);
  });

  it('44 both ways and fast is two keys, in whichever order the four are heard', () => {
    const orders = [
      ['e1', 't1', 'e2', 't2'],
      ['e1', 't1', 't2', 'e2'],
      ['t1', 'e1', 't2', 'e2'],
      ['t1', 't2', 'e1', 'e2'],
      ['e1', 'e2', 't1', 't2'],
    ];
    for (const order of orders) {
      const { keys, event, tone } = fusion();
      const acts: Record<string, () => void> = {
        e1: () => event(4, 0, 100),
        t1: () => tone(4, 0, 100),
        e2: () => event(4, 150, 250),
        t2: () => tone(4, 150, 250),
      };
      for (const act of order) acts[act]?.();
      expect({ order, keys: keys.length }).toEqual({ order, keys: 2 });
    }
  });

  it('two pieces of one tone beside a long event are one key', () => {
    const { keys, event, tone } = fusion();
    event(4, 0, 1000);
    tone(4, 10, 400);
    tone(4, 500, 900);
    expect(keys).toEqual(['4 rfc4733']);
  });

  it('a tone that stays alone is told, one that finds its event is not', () => {
    const single = fusion();
    single.tone(4, 0, 100);
    single.stage.awaitEvents(ms(300));
    expect(single.alone()).toBe(0);
    single.stage.awaitEvents(ms(450));
    expect(single.alone()).toBe(1);
    const paired = fusion();
    paired.tone(4, 0, 100);
    paired.event(4, 40, 140);
    paired.stage.awaitEvents(ms(450));
    expect(paired.alone()).toBe(0);
  });

  it('remembers no press after a wipe', () => {
    const { stage, keys, event, tone } = fusion();
    event(4, 0, 100);
    stage.wipe();
    tone(4, 0, 100);
    expect(keys).toEqual(['4 rfc4733', '4 inband']);
  });
});
