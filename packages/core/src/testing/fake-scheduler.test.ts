import { describe, expect, it } from '@jest/globals';
import { FakeScheduler } from './fake-scheduler.ts';

describe('FakeScheduler', () => {
  it('runs timers when due, in order, each at its own time', () => {
    const time = new FakeScheduler();
    const ran: string[] = [];
    const note = (name: string) => () => void ran.push(`${name}@${time.monotonicMs()}`);
    time.after(30, note('c'));
    time.after(10, note('a'));
    time.after(10, note('b'));
    time.advance(9);
    expect(ran).toEqual([]);
    expect(time.nextInMs).toBe(1);
    time.advance(21);
    expect(ran).toEqual(['a@10', 'b@10', 'c@30']);
    expect(time.pending).toBe(0);
    expect(time.nextInMs).toBeUndefined();
  });

  it('runs what timers set on the way', () => {
    const time = new FakeScheduler();
    let beats = 0;
    const beat = (): void => {
      beats += 1;
      time.after(20, beat);
    };
    time.after(0, beat);
    time.advance(100);
    expect(beats).toBe(6);
    expect(time.monotonicMs()).toBe(100);
  });

  it('cancels, and again harmlessly, also after the timer ran', () => {
    const time = new FakeScheduler();
    let runs = 0;
    const count = (): void => {
      runs += 1;
    };
    const cancel = time.after(5, count);
    const late = time.after(1, count);
    cancel();
    cancel();
    time.advance(10);
    late();
    expect(runs).toBe(1);
  });

  it('moves both clocks, and only the wall clock when that jumps', () => {
    const time = new FakeScheduler(1_000_000);
    time.advance(50);
    time.jumpWall(-3_600_000);
    expect(time.monotonicMs()).toBe(50);
    expect(time.wallMs()).toBe(1_000_050 - 3_600_000);
  });

  it('lets promises settle between timers', async () => {
    const time = new FakeScheduler();
    const ran: string[] = [];
    const wait = (ms: number): Promise<void> => new Promise((resume) => void time.after(ms, resume));
    void (async () => {
      await wait(10);
      ran.push(`first@${time.monotonicMs()}`);
      await wait(10);
      ran.push(`second@${time.monotonicMs()}`);
    })();
    await time.advanceAsync(20);
    expect(ran).toEqual(['first@10', 'second@20']);
  });

  it('stops a timer that sets itself again without delay', () => {
    const time = new FakeScheduler();
    const again = (): void => void time.after(0, again);
    again();
    expect(() => time.advance(1)).toThrow('sets itself again without delay');
  });
});
