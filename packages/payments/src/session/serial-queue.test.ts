import { describe, expect, it } from '@jest/globals';
import type { SessionId } from '@sordino/core';
import { SessionQueues } from './queues.ts';
import { SerialQueue } from './serial-queue.ts';

describe('a queue of one session', () => {
  it('runs one piece of work at a time, in order, whatever each takes', async () => {
    const queue = new SerialQueue();
    const story: string[] = [];
    const work = (name: string, turns: number) => async () => {
      story.push(`${name} begins`);
      for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
      story.push(`${name} ends`);
    };
    await Promise.all([queue.run(work('slow', 50)), queue.run(work('quick', 1)), queue.run(work('last', 0))]);
    expect(story).toEqual([
      'slow begins',
      'slow ends',
      'quick begins',
      'quick ends',
      'last begins',
      'last ends',
    ]);
    expect(queue.waiting).toBe(0);
  });

  it('gives each caller its own result, and goes on after a failure', async () => {
    const queue = new SerialQueue();
    const results = await Promise.allSettled([
      queue.run(() => 1),
      queue.run(() => {
        throw new Error('broken');
      }),
      queue.run(() => Promise.resolve(3)),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  it('does not wait for the queue of another session', async () => {
    const queues = new SessionQueues();
    let release = (): void => {};
    const stuck = queues.run('ses_a' as SessionId, () => new Promise<void>((resolve) => (release = resolve)));
    expect(await queues.run('ses_b' as SessionId, () => 'done')).toBe('done');
    release();
    await stuck;
    await queues.idle();
  });

  it('is idle only when work that was given meanwhile is done too', async () => {
    const queues = new SessionQueues();
    const id = 'ses_a' as SessionId;
    let second = false;
    const first = queues.run(id, () => {
      void queues.run(id, async () => {
        await Promise.resolve();
        second = true;
      });
    });
    await queues.idle();
    await first;
    expect(second).toBe(true);
  });
});
