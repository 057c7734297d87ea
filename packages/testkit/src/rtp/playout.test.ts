import { describe, expect, it } from '@jest/globals';
import { encodeG711 } from '../audio/g711.ts';
import { type AudioArrival, playout } from './playout.ts';

/** Scene: packets of a constant value, so that the timeline shows who was heard. */
function packets(
  from: number,
  count: number,
  change: (n: number) => Partial<AudioArrival> = () => ({}),
): AudioArrival[] {
  return Array.from({ length: count }, (_, n) => ({
    arrivalMs: from + n * 20,
    ssrc: 1,
    timestamp: (1000 + n * 160) >>> 0,
    codec: 'PCMU' as const,
    payload: saying(1000),
    ...change(n),
  }));
}

function saying(value: number): Uint8Array {
  return encodeG711('PCMU', new Int16Array(160).fill(value));
}

/** One letter per 10 ms: which value is heard (A 1000, B 2000), "." nothing. */
function sketch(arrivals: readonly AudioArrival[]): string {
  const sorted = [...arrivals].sort((one, other) => one.arrivalMs - other.arrivalMs);
  const { samples, present } = playout(sorted);
  let text = '';
  for (let at = 40; at < samples.length; at += 80) {
    text += present[at] === 0 ? '.' : (samples[at] ?? 0) > 1500 ? 'B' : 'A';
  }
  return text;
}

const other = { ssrc: 2, payload: saying(2000) };

describe('playout', () => {
  it('plays packets back to back, however jittered their arrival', () => {
    expect(sketch(packets(500, 3, (n) => ({ arrivalMs: 500 + n * 20 + (n === 1 ? 15 : 0) })))).toBe('AAAAAA');
    expect(playout(packets(500, 3)).startMs).toBe(500);
  });

  it('leaves a hole where a packet was lost, and none where two came in the wrong order', () => {
    expect(sketch(packets(0, 4).filter((_, n) => n !== 1))).toBe('AA..AAAA');
    expect(sketch(packets(0, 4, (n) => ({ arrivalMs: [0, 45, 40, 60][n] ?? 0 })))).toBe('AAAAAAAA');
  });

  it('follows timestamps over the 32 bit wrap', () => {
    expect(sketch(packets(0, 4, (n) => ({ timestamp: (0xffffff00 + n * 160) >>> 0 })))).toBe('AAAAAAAA');
  });

  it('lets a later sender take over at once, and shows the silence between two', () => {
    const late = packets(70, 3, (n) => ({ ...other, timestamp: n * 160 }));
    expect(sketch([...packets(0, 6), ...late])).toBe('AAAAAAABBBBBBAA'.slice(0, 13));
    expect(sketch([...packets(0, 2), ...late])).toBe('AAAA...BBBBBB');
  });

  it('does not fill the holes of the later sender with the earlier one', () => {
    const late = packets(40, 3, () => other).filter((_, n) => n !== 1);
    expect(sketch([...packets(0, 6), ...late])).toBe('AAAABB..BBAA');
  });

  it('takes a sender that comes back after a pause as a new one', () => {
    const back = packets(1000, 2, (n) => ({ timestamp: 1000 + 50 * 160 + n * 160 }));
    const between = packets(20, 50, () => other);
    const heard = sketch([...packets(0, 1), ...between, ...back]);
    expect(heard.slice(0, 4)).toBe('AABB');
    expect(heard.slice(100, 104)).toBe('AAAA');
  });

  it('anchors anew when timestamps jump, ahead or behind', () => {
    const jumped = packets(40, 2, (n) => ({ timestamp: 900_000 + n * 160 }));
    expect(sketch([...packets(0, 2), ...jumped])).toBe('AAAAAAAA');
    const delayed = packets(40, 3, (n) => ({ arrivalMs: 140 + n * 20, timestamp: 1320 + n * 160 }));
    expect(sketch([...packets(0, 2), ...delayed])).toBe('AAAA..........AAAAAA');
  });

  it('does not play a packet that comes after its turn, and does not adapt to one', () => {
    expect(sketch(packets(0, 5, (n) => (n === 2 ? { arrivalMs: 110 } : {})))).toBe('AAAA..AAAA');
  });

  it('adapts to a path that has become a little longer for good', () => {
    const { present } = playout(
      packets(0, 60, (n) => ({ arrivalMs: n * 20 + (n < 20 ? 0 : 50 + (n % 2) * 25) })),
    );
    // Packets 21, 23 … come 75 ms late and are missed until the phone has adapted; from then on none is.
    expect(present.slice(50 * 160, 60 * 160).every((played) => played === 1)).toBe(true);
  });

  it('places a talkspurt by itself: the marker lets it begin later than the timestamps say', () => {
    const spurt = packets(70, 2, (n) => ({ marker: n === 0, timestamp: 1320 + n * 160 }));
    expect(sketch([...packets(0, 2), ...spurt])).toBe('AAAA...AAAA');
  });

  it('goes by the fastest packet, so that a first one that was held up delays nothing', () => {
    const heard = playout(
      packets(500, 4, (n) => (n === 0 ? { arrivalMs: 540 } : {})).sort((a, b) => a.arrivalMs - b.arrivalMs),
    );
    expect([heard.startMs, heard.present.slice(0, 640).every((present) => present === 1)]).toEqual([
      500,
      true,
    ]);
  });

  it('is empty for nothing', () => {
    expect(playout([])).toEqual({ startMs: 0, samples: new Int16Array(0), present: new Uint8Array(0) });
  });
});
