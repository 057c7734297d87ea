import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Clock, ConnectorId } from '@sordino/core';
import { KEY_END_CHARACTERS, type PaymentStore } from '@sordino/payments';
import { ANSWER_KEPT_MS } from '../limits.ts';
import type { Retention } from '../memory/tables.ts';
import {
  aCursor,
  aFinishedSession,
  anAnswer,
  anAttempt,
  anEvent,
  anOperation,
  aSession,
  attemptId,
  sessionId,
} from './builders.ts';

export class SetClock implements Clock {
  nowMs = 1_790_000_000_000;
  wallMs(): number {
    return this.nowMs;
  }
  monotonicMs(): number {
    return this.nowMs;
  }
}

/** Small limits, so that a test can reach them. */
const SMALL: Retention = { sessionsKept: 3, eventsPerSession: 10, answersKept: 4 };

export interface StoreUnderTest {
  open(clock: Clock, retention?: Retention): Promise<PaymentStore>;
  /** Closes and opens again where the store survives that; the same store where it lives in memory only. */
  reopen(store: PaymentStore): Promise<PaymentStore>;
  dispose(): Promise<void>;
}

/** What every `PaymentStore` does. Run over each implementation. */
export function describePaymentStore(name: string, make: () => StoreUnderTest): void {
  describe(`${name} keeps the store contract`, () => {
    const clock = new SetClock();
    let under: StoreUnderTest;
    let store: PaymentStore;

    beforeEach(async () => {
      clock.nowMs = 1_790_000_000_000;
      under = make();
      store = await under.open(clock);
    });
    afterEach(async () => {
      await store.close();
      await under.dispose();
    });

    it('shows a change at once and keeps every field of it', async () => {
      const session = aSession('a', { metadata: { note: 'a "b" \\ \u2028' } });
      const change = {
        session,
        events: [anEvent('a', 1), anEvent('a', 2)],
        attempt: anAttempt('a'),
        answer: anAnswer('k', clock.nowMs),
      };
      const written = store.commit(change);
      expect(store.session(sessionId('a'))).toEqual(session);
      await written;
      store = await under.reopen(store);
      expect(store.session(sessionId('a'))).toEqual(session);
      expect(store.events(sessionId('a'), 0, 10)).toEqual(change.events);
      expect(store.attempt(attemptId('a'))).toEqual(change.attempt);
      expect(store.answer('k')).toEqual(change.answer);
    });

    it('knows nothing of what was never committed', () => {
      expect(store.session(sessionId('x'))).toBeUndefined();
      expect(store.events(sessionId('x'), 0, 10)).toEqual([]);
      expect(store.attempt(attemptId('x'))).toBeUndefined();
      expect(store.answer('x')).toBeUndefined();
      expect(store.sessions({ tenant: 'tnt_a', livemode: false, limit: 10 })).toEqual({
        data: [],
        hasMore: false,
      });
      expect(store.openAttempts()).toEqual([]);
      expect(store.openSessions()).toEqual([]);
    });

    it('keeps the newest record of a session and of an attempt', async () => {
      await store.commit({ session: aSession('a'), attempt: anAttempt('a') });
      await store.commit({ session: aSession('a', { version: 2, status: 'processing' }) });
      await store.commit({ attempt: anAttempt('a', { state: 'approved' }) });
      store = await under.reopen(store);
      expect(store.session(sessionId('a'))).toMatchObject({ version: 2, status: 'processing' });
      expect(store.attempt(attemptId('a'))?.state).toBe('approved');
    });

    it('lists newest first, one tenant only, page by page', async () => {
      for (const n of [1, 2, 3, 4, 5]) await store.commit({ session: aSession(`s${n}`) });
      await store.commit({ session: aSession('foreign', { tenant: 'tnt_b' }) });
      store = await under.reopen(store);
      const ids = (page: ReturnType<PaymentStore['sessions']>) => page.data.map((session) => session.id);
      const first = store.sessions({ tenant: 'tnt_a', livemode: false, limit: 2 });
      expect([ids(first), first.hasMore]).toEqual([['ses_s5', 'ses_s4'], true]);
      const rest = store.sessions({
        tenant: 'tnt_a',
        livemode: false,
        limit: 3,
        startingAfter: sessionId('s4'),
      });
      expect([ids(rest), rest.hasMore]).toEqual([['ses_s3', 'ses_s2', 'ses_s1'], false]);
      expect(ids(store.sessions({ tenant: 'tnt_b', livemode: false, limit: 10 }))).toEqual(['ses_foreign']);
      expect(
        ids(
          store.sessions({ tenant: 'tnt_a', livemode: false, limit: 9, startingAfter: sessionId('foreign') }),
        ),
      ).toEqual([]);
    });

    it('fills the pages of one mode with sessions of that mode only', async () => {
      for (const n of [1, 2, 3]) {
        await store.commit({ session: aSession(`test${n}`) });
        await store.commit({ session: aSession(`live${n}`, { livemode: true }) });
      }
      store = await under.reopen(store);
      const page = (livemode: boolean, startingAfter?: string) => {
        const from = startingAfter === undefined ? {} : { startingAfter: sessionId(startingAfter) };
        const { data, hasMore } = store.sessions({ tenant: 'tnt_a', livemode, limit: 2, ...from });
        return [data.map((session) => session.id), hasMore];
      };
      expect(page(false)).toEqual([['ses_test3', 'ses_test2'], true]);
      expect(page(false, 'test2')).toEqual([['ses_test1'], false]);
      expect(page(true)).toEqual([['ses_live3', 'ses_live2'], true]);
      expect(page(true, 'live1')).toEqual([[], false]);
      // The cursor of the other mode tells nothing of what is there.
      expect(page(false, 'live2')).toEqual([[], false]);
    });

    it('filters by platform, call, status and topology', async () => {
      await store.commit({ session: aSession('a') });
      await store.commit({ session: aFinishedSession('b') });
      const found = (filter: object) =>
        store
          .sessions({ tenant: 'tnt_a', livemode: false, limit: 10, ...filter })
          .data.map((session) => session.id);
      expect(found({ callId: 'call-a' })).toEqual(['ses_a']);
      expect(found({ callId: 'call-a', platform: 'plt_main' })).toEqual(['ses_a']);
      expect(found({ platform: 'plt_other' })).toEqual([]);
      expect(found({ status: 'approved' })).toEqual(['ses_b']);
      expect(found({ topology: 'original' })).toEqual(['ses_a']);
      expect(found({ callId: 'call-a', status: 'approved' })).toEqual([]);
    });

    it('replays events after a seq, at most so many', async () => {
      for (let seq = 1; seq <= 6; seq++) await store.commit({ events: [anEvent('a', seq)] });
      store = await under.reopen(store);
      const seqs = (after: number, limit: number) =>
        store.events(sessionId('a'), after, limit).map((event) => event.seq);
      expect(seqs(0, 3)).toEqual([1, 2, 3]);
      expect(seqs(3, 10)).toEqual([4, 5, 6]);
      expect(seqs(6, 10)).toEqual([]);
      expect(seqs(99, 10)).toEqual([]);
    });

    it.each([
      ['begins late', [anEvent('a', 5)]],
      ['leaves one out', [anEvent('a', 1), anEvent('a', 3)]],
      ['repeats one', [anEvent('a', 1), anEvent('a', 1)]],
      ['mixes two sessions', [anEvent('a', 1), anEvent('b', 2)]],
    ])('refuses events when the seq %s, and applies nothing', async (_case, events) => {
      await expect(store.commit({ session: aSession('a'), events })).rejects.toMatchObject({
        code: 'seq_gap',
      });
      expect(store.session(sessionId('a'))).toBeUndefined();
      expect(store.events(sessionId('a'), 0, 10)).toEqual([]);
    });

    it('refuses an older version of a session', async () => {
      await store.commit({ session: aSession('a', { version: 7 }) });
      await expect(store.commit({ session: aSession('a', { version: 6 }) })).rejects.toMatchObject({
        code: 'stale_version',
      });
      expect(store.session(sessionId('a'))?.version).toBe(7);
    });

    it('tells a restart what is open: sessions not finished, attempts without an outcome', async () => {
      await store.commit({ session: aSession('live'), attempt: anAttempt('live', { state: 'unknown' }) });
      await store.commit({
        session: aFinishedSession('done'),
        attempt: anAttempt('done', { state: 'declined' }),
      });
      await store.commit({ session: aFinishedSession('linger', { callEnded: false }) });
      await store.commit({ session: aFinishedSession('lost', { status: 'unknown' }) });
      await store.commit({ attempt: anAttempt('sent') });
      store = await under.reopen(store);
      expect(store.openSessions().map((session) => session.id)).toEqual([
        'ses_live',
        'ses_linger',
        'ses_lost',
      ]);
      expect(store.openAttempts().map((attempt) => attempt.id)).toEqual(['att_live', 'att_sent']);
    });

    it('finds the open attempts of a card by its tag', async () => {
      for (const [name, state] of [
        ['a', 'unknown'],
        ['b', 'approved'],
        ['c', 'sending'],
      ] as const)
        await store.commit({ session: aSession(name), attempt: anAttempt(name, { state, cardTag: 'abc' }) });
      await store.commit({ attempt: anAttempt('d', { cardTag: 'abd' }) });
      await store.commit({ attempt: anAttempt('e') });
      store = await under.reopen(store);
      expect(store.openAttemptsOfCard('abc').map(({ id }) => id)).toEqual(['att_a', 'att_c']);
      await store.commit({ attempt: anAttempt('a', { state: 'declined', cardTag: 'abc' }) });
      expect(store.openAttemptsOfCard('abc').map(({ id }) => id)).toEqual(['att_c']);
    });

    it('finds an attempt by its key, and by the id that its gateway gave it, at that gateway only', async () => {
      const [here, there] = ['con_sandbox', 'con_other'] as ConnectorId[] as [ConnectorId, ConnectorId];
      await store.commit({ session: aSession('a'), attempt: anAttempt('a') });
      await store.commit({ attempt: anAttempt('b', { connector: there, gatewayId: 'ch_1' }) });
      expect(store.attemptByGatewayId(here, 'ch_1')).toBeUndefined();
      await store.commit({ attempt: anAttempt('a', { state: 'approved', gatewayId: 'ch_1' }) });
      store = await under.reopen(store);
      expect(store.attemptByKey('key-a')).toMatchObject({ id: 'att_a', state: 'approved' });
      const key = `chg_${'0123456789abcdefghjkmnpqrs'}`;
      await store.commit({ attempt: anAttempt('c', { key }) });
      expect(store.attemptByKeyEnd(key.slice(-KEY_END_CHARACTERS))?.id).toBe('att_c');
      expect(store.attemptByKeyEnd('x'.repeat(KEY_END_CHARACTERS))).toBeUndefined();
      expect(store.attemptByGatewayId(here, 'ch_1')?.id).toBe('att_a');
      expect(store.attemptByGatewayId(there, 'ch_1')?.id).toBe('att_b');
      expect([store.attemptByKey('key-c'), store.attemptByGatewayId(here, 'ch_2')]).toEqual([
        undefined,
        undefined,
      ]);
    });

    it('keeps what was done after a charge, in order, and tells a restart what of it is open', async () => {
      await store.commit({ session: aFinishedSession('a'), operation: anOperation('one', 'a') });
      await store.commit({ operation: anOperation('two', 'a') });
      await store.commit({ operation: anOperation('far', 'b', { state: 'unknown' }) });
      await store.commit({ operation: anOperation('one', 'a', { state: 'done', gatewayId: 're_1' }) });
      await store.commit({ operation: anOperation('late', 'b', { state: 'pending' }) });
      store = await under.reopen(store);
      expect(store.operations(sessionId('a'))).toEqual([
        anOperation('one', 'a', { state: 'done', gatewayId: 're_1' }),
        anOperation('two', 'a'),
      ]);
      expect(store.operations(sessionId('none'))).toEqual([]);
      expect(store.openOperations().map(({ id }) => id)).toEqual(['op_two', 'op_far']);
    });

    it('keeps how far each webhook endpoint is with each session', async () => {
      await store.commit({
        session: aSession('a'),
        cursors: [aCursor('a'), aCursor('a', { endpoint: 'whe_b' })],
      });
      await store.commit({ session: aSession('b'), cursors: [aCursor('b')] });
      await store.commit({
        cursors: [aCursor('a', { delivered: 7, failures: 2, failingSince: 5, gaveUp: true })],
      });
      store = await under.reopen(store);
      expect(store.webhookCursors(sessionId('a'))).toEqual([
        aCursor('a', { delivered: 7, failures: 2, failingSince: 5, gaveUp: true }),
        aCursor('a', { endpoint: 'whe_b' }),
      ]);
      expect(store.webhookCursors()).toHaveLength(3);
      expect(store.webhookCursors(sessionId('none'))).toEqual([]);
    });

    it('takes no cursor of a session that it does not have', async () => {
      await store.commit({ cursors: [aCursor('gone')] });
      expect(store.webhookCursors()).toEqual([]);
    });

    it('forgets an answer after 24 hours, not before', async () => {
      await store.commit({ answer: anAnswer('k', clock.nowMs) });
      clock.nowMs += ANSWER_KEPT_MS - 1;
      store = await under.reopen(store);
      expect(store.answer('k')).toBeDefined();
      clock.nowMs += 1;
      expect(store.answer('k')).toBeUndefined();
    });

    it('refuses a commit after close', async () => {
      await store.close();
      await expect(store.commit({ session: aSession('late') })).rejects.toMatchObject({ code: 'closed' });
    });

    describe('at its limits', () => {
      beforeEach(async () => {
        await store.close();
        await under.dispose();
        under = make();
        store = await under.open(clock, SMALL);
      });

      it('forgets the oldest finished session with its events and attempts, never a live one', async () => {
        await store.commit({ session: aSession('live'), events: [anEvent('live', 1)] });
        for (const name of ['b', 'c', 'd'])
          await store.commit({
            session: aFinishedSession(name),
            events: [anEvent(name, 1)],
            cursors: [aCursor(name)],
            attempt: anAttempt(name, { state: 'approved' }),
          });
        store = await under.reopen(store);
        const ids = store
          .sessions({ tenant: 'tnt_a', livemode: false, limit: 10 })
          .data.map((session) => session.id);
        expect(ids).toEqual(['ses_d', 'ses_c', 'ses_live']);
        expect(store.events(sessionId('b'), 0, 10)).toEqual([]);
        expect(store.attempt(attemptId('b'))).toBeUndefined();
        expect(store.webhookCursors().map(({ session }) => session)).toEqual(['ses_c', 'ses_d']);
        expect(store.attempt(attemptId('c'))).toBeDefined();
      });

      it('keeps a finished session whose charge has no outcome yet', async () => {
        await store.commit({
          session: aFinishedSession('owed', { attempt: attemptId('owed') }),
          attempt: anAttempt('owed', { state: 'unknown' }),
        });
        for (const name of ['b', 'c', 'd']) await store.commit({ session: aFinishedSession(name) });
        expect(store.session(sessionId('owed'))).toBeDefined();
        expect(store.session(sessionId('b'))).toBeUndefined();
      });

      it('keeps a finished session with a step that has no outcome yet; others go with their steps', async () => {
        await store.commit({ session: aFinishedSession('owed'), operation: anOperation('x', 'owed') });
        for (const name of ['b', 'c', 'd'])
          await store.commit({
            session: aFinishedSession(name),
            attempt: anAttempt(name, { state: 'approved', gatewayId: `ch_${name}` }),
            operation: anOperation(name, name, { state: 'done' }),
          });
        expect(store.session(sessionId('owed'))).toBeDefined();
        expect(store.session(sessionId('b'))).toBeUndefined();
        expect(store.operations(sessionId('b'))).toEqual([]);
        expect(store.attemptByKey('key-b')).toBeUndefined();
        expect(store.attemptByGatewayId('con_sandbox' as ConnectorId, 'ch_b')).toBeUndefined();
        expect(store.attemptByKey('key-c')).toBeDefined();
      });

      it('refuses a new session when all that it holds are live', async () => {
        for (const name of ['a', 'b', 'c']) await store.commit({ session: aSession(name) });
        await expect(store.commit({ session: aSession('d') })).rejects.toMatchObject({ code: 'full' });
        await store.commit({ session: aSession('a', { version: 2 }) });
        expect(store.session(sessionId('d'))).toBeUndefined();
      });

      it('forgets the oldest events of a session and goes on counting', async () => {
        await store.commit({ session: aSession('a') });
        for (let seq = 1; seq <= 30; seq++) await store.commit({ events: [anEvent('a', seq)] });
        store = await under.reopen(store);
        await store.commit({ events: [anEvent('a', 31)] });
        const seqs = store.events(sessionId('a'), 0, 100).map((event) => event.seq);
        expect(seqs.at(-1)).toBe(31);
        expect(seqs.length).toBeLessThanOrEqual(11);
        expect(seqs).toEqual(seqs.map((_, index) => (seqs[0] as number) + index));
      });

      it('forgets the oldest answers', async () => {
        for (const key of ['a', 'b', 'c', 'd', 'e'])
          await store.commit({ answer: anAnswer(key, clock.nowMs) });
        expect(['a', 'b', 'e'].map((key) => store.answer(key) !== undefined)).toEqual([false, true, true]);
      });
    });
  });
}
