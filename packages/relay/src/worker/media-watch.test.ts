import { describe, expect, it } from '@jest/globals';
import { edgesOf, nextState } from '@sordino/core';
import {
  MediaWatch,
  type MediaWatchEvent,
  type MediaWatchState,
  mediaWatchTransitions,
} from './media-watch.ts';

const STATES: readonly MediaWatchState[] = ['waiting', 'flowing', 'stalled', 'moved', 'missing'];
const EVENTS: readonly MediaWatchEvent[] = ['packet', 'silence', 'peer-moved'];

describe('the media watch', () => {
  it('has these edges', () => {
    expect(edgesOf(mediaWatchTransitions)).toEqual([
      'waiting --packet--> flowing',
      'waiting --peer-moved--> waiting',
      'flowing --packet--> flowing',
      'flowing --silence--> stalled',
      'flowing --peer-moved--> moved',
      'stalled --packet--> flowing',
      'stalled --silence--> stalled',
      'stalled --peer-moved--> moved',
      'moved --packet--> flowing',
      'moved --silence--> missing',
      'moved --peer-moved--> moved',
      'missing --packet--> flowing',
      'missing --silence--> missing',
      'missing --peer-moved--> moved',
    ]);
  });

  it('has one state x event pair without an edge: nothing is missed before the first packet', () => {
    const absent = STATES.flatMap((state) =>
      EVENTS.filter((event) => nextState(mediaWatchTransitions, state, event) === undefined).map(
        (event) => `${state} ${event}`,
      ),
    );
    expect(absent).toEqual(['waiting silence']);
  });
});

describe('what a side hears about its media', () => {
  it('started once, then stalled after 2 s and each second, then resumed', () => {
    const watch = new MediaWatch();
    expect(watch.tick(60_000)).toBeUndefined();
    expect(watch.packet(100_000)).toBe('started');
    expect(watch.packet(100_020)).toBeUndefined();
    expect(watch.tick(102_019)).toBeUndefined();
    expect(watch.tick(102_020)).toBe('stalled');
    expect(watch.silentMs(102_020)).toBe(2_000);
    expect(watch.tick(102_025)).toBeUndefined();
    expect(watch.tick(103_020)).toBe('stalled');
    expect(watch.tick(104_020)).toBe('stalled');
    expect(watch.packet(104_500)).toBe('resumed');
    expect(watch.tick(106_499)).toBeUndefined();
  });

  it('started again when the peer has moved', () => {
    const watch = new MediaWatch();
    watch.packet(0);
    watch.peerMoved(1_000);
    expect(watch.packet(1_010)).toBe('started');
  });

  it('stalled, then both started and resumed, when the new peer is late', () => {
    const watch = new MediaWatch();
    watch.packet(0);
    watch.peerMoved(1_000);
    expect(watch.tick(2_999)).toBeUndefined();
    expect(watch.tick(3_000)).toBe('stalled');
    expect(watch.packet(3_100)).toBe('restarted');
    expect(watch.state).toBe('flowing');
  });

  it('gives a peer that comes back from hold two seconds of its own', () => {
    const watch = new MediaWatch();
    watch.packet(0);
    watch.restartClock(60_000);
    expect(watch.tick(61_999)).toBeUndefined();
    expect(watch.tick(62_000)).toBe('stalled');
  });

  it('has no clock before the first packet, moved or not', () => {
    const watch = new MediaWatch();
    watch.peerMoved(0);
    watch.restartClock(10);
    expect(watch.tick(60_000)).toBeUndefined();
    expect(watch.state).toBe('waiting');
  });
});
