import { describe, expect, it } from '@jest/globals';
import { type Log, type SessionId, silentLog } from '@sordino/core';
import { FakeScheduler } from '@sordino/core/testing';
import { finishPayments } from './finish-payments.ts';

const [PAYING, IDLE] = ['ses_paying', 'ses_idle'] as [SessionId, SessionId];

/** Two calls, one of them with a payment in progress. */
function scene() {
  const scheduler = new FakeScheduler();
  const inProgress = new Set<SessionId>([PAYING]);
  const calls = new Set<SessionId>([PAYING, IDLE]);
  const lines: string[] = [];
  const log: Log = { ...silentLog, info: (message, fields) => lines.push(`${message} ${fields?.payments}`) };
  let hurry: () => void = () => {};
  const hurried = new Promise<void>((resolve) => {
    hurry = resolve;
  });
  const over = { yet: false };
  const done = finishPayments(hurried, {
    inProgress: () => [...inProgress],
    handBack: (which) => {
      for (const call of [...calls]) if (which(call)) calls.delete(call);
    },
    scheduler,
    log,
  }).then(() => {
    over.yet = true;
  });
  return { scheduler, inProgress, calls, lines, hurry: () => hurry(), over, done };
}

describe('the first half of an ordered stop', () => {
  it('hands idle calls back at once, and another when its payment is over', async () => {
    const at = scene();
    await at.scheduler.advanceAsync(1_000);
    expect([[...at.calls], at.over.yet]).toEqual([[PAYING], false]);
    at.inProgress.clear();
    await at.scheduler.advanceAsync(250);
    await at.done;
    expect([...at.calls]).toEqual([]);
  });

  it('says every five seconds what it waits for', async () => {
    const at = scene();
    await at.scheduler.advanceAsync(11_000);
    expect(at.lines).toEqual(Array.from({ length: 3 }, () => 'stopping: waiting for payments 1'));
    at.hurry();
    await at.done;
  });

  it('leaves what is still in progress to whoever hurries it', async () => {
    const at = scene();
    await at.scheduler.advanceAsync(1_000);
    at.hurry();
    await at.done;
    expect([...at.calls]).toEqual([PAYING]);
  });

  it('waits for nothing where nothing is paid', async () => {
    const at = scene();
    at.inProgress.clear();
    await at.scheduler.advanceAsync(250);
    await at.done;
    expect([[...at.calls], at.over.yet]).toEqual([[], true]);
  });
});
