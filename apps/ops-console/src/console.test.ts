import { describe, expect, it } from '@jest/globals';
import type {
  EventEnvelope,
  LegView,
  PlatformObject,
  PlatformProbeObject,
  SessionId,
  SessionObject,
} from '@sordino/core';
import { Console, type ConsoleClient } from './console.ts';
import {
  allowWords,
  eventWords,
  historyOf,
  leg7Words,
  lossOf,
  reachWords,
  soundOf,
  voiceOf,
} from './words.ts';

const [OLD, NEW] = ['ses_old', 'ses_new'] as [SessionId, SessionId];

const aCall = (id: SessionId): SessionObject => ({ id, topology: 'engaged' }) as SessionObject;

const aLeg = (over: Partial<LegView> = {}): LegView => ({
  role: 'leg6_media',
  cycle: 1,
  state: 'media_up',
  basis: 'signalled',
  since_ms: 1_000,
  states: [{ state: 'media_up', at_ms: 1_000 }],
  reason: null,
  sip: null,
  media: {
    codec: 'PCMU',
    local: '127.0.0.1:1',
    remote: '127.0.0.1:2',
    packets_in: 98,
    packets_out: 100,
    lost_in: 2,
    jitter_ms: 1.5,
    foreign_in: 0,
    rtt_ms: null,
    lost_out: null,
    jitter_out_ms: null,
    one_way: null,
    quality: [],
    last_in_ms_ago: 4,
  },
  ...over,
});

const legEvent = (leg: LegView, seq = 1): EventEnvelope =>
  ({ id: `evt_${seq}`, type: 'leg.updated', seq, created: 0, data: { leg } }) as unknown as EventEnvelope;

/** The API as the test says it is. */
function aConsole() {
  const script = {
    calls: [aCall(OLD)],
    legs: new Map<SessionId, readonly LegView[]>(),
    platforms: [] as readonly PlatformObject[],
    down: false,
    status: 200,
    streams: new Map<SessionId, { tell: (event: EventEnvelope) => void; signal: AbortSignal }>(),
  };
  const answer = async <Item>(data: readonly Item[]) => {
    if (script.down) throw new TypeError('fetch failed');
    if (script.status === 200) return { ok: true, value: { object: 'list', data, has_more: false } } as const;
    return { ok: false, status: script.status, error: { message: 'No valid credential.' } as never } as const;
  };
  const client: ConsoleClient = {
    list: () => answer(script.calls),
    legs: (id) => answer(script.legs.get(id) ?? []),
    platforms: () => answer(script.platforms),
    stream: async (id, _after, tell, signal) => void script.streams.set(id, { tell, signal }),
  };
  return { script, console: new Console(client, () => {}) };
}

describe("the operators' console", () => {
  it('shows the newest call until the operator chooses one', async () => {
    const { script, console } = aConsole();
    await console.refresh();
    expect(console.state.selected).toBe(OLD);
    script.calls = [aCall(NEW), aCall(OLD)];
    await console.refresh();
    expect(console.state.selected).toBe(NEW);
    expect(script.streams.get(OLD)?.signal.aborted).toBe(true);
    await console.select(OLD);
    await console.refresh();
    expect(console.state.selected).toBe(OLD);
  });

  it('reads the platforms in each round, and keeps them while Sordino does not answer', async () => {
    const { script, console } = aConsole();
    script.platforms = [{ id: 'plt_main' } as PlatformObject];
    await console.refresh();
    script.down = true;
    await console.refresh();
    expect(console.state.platforms.map(({ id }) => id)).toEqual(['plt_main']);
  });

  it('puts the legs in the order of their numbers', async () => {
    const { script, console } = aConsole();
    script.legs.set(OLD, [aLeg({ role: 'leg8_agent' }), aLeg({ role: 'leg4_customer' }), aLeg()]);
    await console.refresh();
    expect(console.state.legs.map(({ role }) => role)).toEqual(['leg4_customer', 'leg6_media', 'leg8_agent']);
  });

  it('shows a new state of a leg at once and keeps its figures', async () => {
    const { script, console } = aConsole();
    script.legs.set(OLD, [aLeg()]);
    await console.refresh();
    script.streams.get(OLD)?.tell(legEvent(aLeg({ state: 'stalled', since_ms: 2_000, media: null })));
    expect(console.state.legs).toEqual([aLeg({ state: 'stalled', since_ms: 2_000 })]);
  });

  it('does not let a replayed event undo what was read', async () => {
    const { script, console } = aConsole();
    script.legs.set(OLD, [aLeg()]);
    await console.refresh();
    script.streams.get(OLD)?.tell(legEvent(aLeg({ state: 'inviting', since_ms: 10, media: null })));
    expect(console.state.legs[0]?.state).toBe('media_up');
    expect(console.state.events).toHaveLength(1);
  });

  it('shows no event of a call that is not chosen any more', async () => {
    const { script, console } = aConsole();
    script.calls = [aCall(NEW), aCall(OLD)];
    await console.refresh();
    await console.select(OLD);
    script.streams.get(NEW)?.tell(legEvent(aLeg()));
    expect(console.state).toMatchObject({ events: [], legs: [] });
  });

  it('says that nothing answers, keeps what it knew, and recovers', async () => {
    const { script, console } = aConsole();
    await console.refresh();
    script.down = true;
    await console.refresh();
    expect(console.state).toMatchObject({
      problem: 'Sordino does not answer. The figures below are old.',
      refused: false,
    });
    expect(console.state.calls).toHaveLength(1);
    script.down = false;
    await console.refresh();
    expect(console.state.problem).toBeNull();
  });

  it('says when the key is no good', async () => {
    const { script, console } = aConsole();
    script.status = 401;
    await console.refresh();
    expect(console.state).toMatchObject({ problem: 'No valid credential.', refused: true });
  });

  it('keeps the last two hundred events', async () => {
    const { script, console } = aConsole();
    await console.refresh();
    for (let seq = 1; seq <= 205; seq += 1) script.streams.get(OLD)?.tell(legEvent(aLeg(), seq));
    expect(console.state.events.map(({ seq }) => seq)).toEqual(Array.from({ length: 200 }, (_, i) => i + 6));
  });
});

describe('words for an operator', () => {
  it('say whether people can talk', () => {
    expect(voiceOf({ topology: 'degraded' })).toBe('talking through us, masked; the platform must act');
    expect(voiceOf({ topology: 'lost' })).toBe('call ended');
  });

  it('tell a leg’s history, its losses and its events', () => {
    const states = [
      { state: 'inviting', at_ms: 100 },
      { state: 'confirmed', at_ms: 220 },
    ] as const;
    expect(historyOf({ states })).toBe('inviting, confirmed +120 ms');
    const { media } = aLeg();
    if (media === null) throw new Error('the leg has media');
    expect(lossOf(media)).toBe('2 (2.0 %)');
    expect(lossOf({ ...media, packets_in: 0, lost_in: 0 })).toBe('0 (0.0 %)');
    // Duplicates count as negative losses (RFC 3550 §6.4.1).
    expect(lossOf({ ...media, lost_in: -3 })).toBe('-3 (0.0 %)');
    expect(soundOf(media)).toBe('');
    const sample = {
      at_ms: 1,
      packets: 500,
      lost: 0,
      loss_pct: 0,
      jitter_ms: 2,
      jitter_max_ms: 3,
      rtt_ms: 38,
    };
    const heard = { ...media, rtt_ms: 38.2, quality: [{ ...sample, mos: 4.31 }] };
    expect(soundOf(heard)).toBe('4.3 of 4.5, 38 ms there and back');
    const oneWay = { ...heard, one_way: 'not_heard' } as const;
    expect(soundOf(oneWay)).toBe('ONE WAY: nothing comes, 4.3 of 4.5, 38 ms there and back');
    expect(eventWords(legEvent(aLeg({ media: oneWay })))).toBe(
      '6 customer – Sordino: media_up, audio one way: not heard',
    );
    expect(eventWords(legEvent(aLeg({ state: 'failed', reason: 'no_media' })))).toBe(
      '6 customer – Sordino: failed (no_media)',
    );
  });
});

describe('the words for a platform', () => {
  const probe = (over: Partial<PlatformProbeObject>): PlatformProbeObject =>
    ({
      state: 'reachable',
      reason: null,
      status: 200,
      allow: null,
      checked_at_ms: 1,
      ...over,
    }) as PlatformProbeObject;

  it.each([
    [{ state: 'off' }, 'not asked: probe.interval_s is 0'],
    [{ state: 'unknown' }, 'not asked yet'],
    [{ state: 'reachable', status: 405 }, 'reachable'],
    [{ state: 'unreachable', status: null, reason: 'no answer' }, 'unreachable: no answer'],
    [{ state: 'unreachable', status: 503 }, 'unreachable: it answers 503'],
  ] as const)('for %j', (over, words) => expect(reachWords(probe(over))).toBe(words));

  it.each([
    [{ allow: ['INVITE', 'BYE'] }, 'INVITE BYE'],
    [{ allow: null }, 'it does not say'],
    [{ allow: null, checked_at_ms: null }, ''],
  ])('for what it allows, %j', (over, words) => expect(allowWords(probe(over))).toBe(words));

  it('say first what must not be, and then what was heard on leg 7', () => {
    const attestation = {
      keys_in: 23,
      tones_out: 0,
      worst_residual_dbm0: -61,
      speech_dbm0: -44,
      lookback_ms: 30,
      complete: true,
    };
    const words = (leaks_suspected: number, over: Partial<typeof attestation> | null): string =>
      leg7Words({
        leaks_suspected,
        attestation: over && { ...attestation, ...over },
        topology: over === null ? 'engaged' : 'restored',
      });
    expect(words(0, null)).toBe('listening');
    expect(words(1, null)).toBe('LEAK SUSPECTED once, muted: listening');
    expect(words(0, {})).toBe('0 of 23 keys, at most -61 dBm0');
    expect(words(2, { tones_out: 2, complete: false })).toBe(
      'LEAK SUSPECTED 2 times, muted: 2 of 23 keys, at most -61 dBm0, a relay died: not complete',
    );
    expect(leg7Words({ leaks_suspected: 0, attestation: null, topology: 'original' })).toBe('');
  });
});
