import { describe, expect, it } from '@jest/globals';
import { encodeG711 } from '../codecs/g711.ts';
import {
  EVENT_PT,
  type EventPress,
  OPTIONS,
  play,
  type Sent,
  voice,
  withEvents,
  withLoss,
} from '../test-support/customer.ts';
import { leftInMs } from '../test-support/eavesdropper.ts';
import { keyTone, mix, noise, type Sound, speechLike, toLinear } from '../test-support/sound.ts';

const CARD = [4, 2, 4, 2, 4, 2, 4, 2, 4, 4, 4, 4, 0, 0, 1, 11];
const presses = (everyMs = 300, ms = 100): EventPress[] =>
  CARD.map((code, n) => ({ code, ms, atMs: 400 + n * everyMs }));
const speech = (): Sound => speechLike(6000, -18, 21);
const codesOf = (keys: readonly { readonly code: number }[]): number[] => keys.map(({ code }) => code);
const withTones = (sound: Sound, offsetMs: number, ms = 100): Sound => {
  for (const press of presses())
    mix(sound, keyTone({ code: press.code, ms, levelDbm0: -10 }), press.atMs + offsetMs);
  return sound;
};

describe('keys pressed as telephone-events', () => {
  it.each(['pause', 'keep'] as const)(
    'audio %s beside them: each is captured once, none leaves',
    (beside) => {
      const heard = play(withEvents(voice(speech()), presses(), beside));
      expect(codesOf(heard.keys)).toEqual(CARD);
      expect(new Set(heard.keys.map(({ transport }) => transport))).toEqual(new Set(['rfc4733']));
      expect(new Set(heard.frames.map(({ bytes }) => bytes))).toEqual(new Set([160]));
      expect(heard.stripper.figures().eventPacketsRemoved).toBe(CARD.length * 8);
      expect(heard.unexpected).toEqual([]);
    },
  );

  it.each([
    [20, CARD.length],
    [39, CARD.length],
    [40, 0],
    [100, 0],
  ])('that last %d ms are captured, and said to be short %d times', (ms, times) => {
    const heard = play(withEvents(voice(speech()), presses(300, ms), 'keep'));
    expect(codesOf(heard.keys)).toEqual(CARD);
    expect(heard.unexpected).toEqual(Array(times).fill('short key'));
  });

  it('whose last packets are lost are not said to be short: nobody knows how long they were', () => {
    const sent = withEvents(voice(speech()), presses(300, 100), 'keep');
    const heard = play(sent.filter(({ packet }) => packet.payloadType !== EVENT_PT || packet.marker));
    expect(codesOf(heard.keys)).toEqual(CARD);
    expect(heard.unexpected).toEqual([]);
  });

  it('audio beside an event is masked from before it until 60 ms after it', () => {
    const sound = noise(1500, -20, 8);
    const sent = encodeG711('PCMU', toLinear(sound));
    const heard = play(withEvents(voice(sound), [{ code: 5, atMs: 600, ms: 200 }], 'keep'));
    expect(leftInMs(sent, heard.codes, 595, 860, OPTIONS.lookbackMs)).toBeLessThan(0.5);
    expect(leftInMs(sent, heard.codes, 0, 540, OPTIONS.lookbackMs)).toBeGreaterThan(530);
    expect(leftInMs(sent, heard.codes, 940, 1440, OPTIONS.lookbackMs)).toBeGreaterThan(490);
  });

  it('when the phone sends no audio beside events, the frames keep their number and pace', () => {
    const without = play(voice(speech()));
    const heard = play(withEvents(voice(speech()), presses(), 'pause'));
    expect(Math.abs(heard.frames.length - without.frames.length)).toBeLessThanOrEqual(1);
    const gaps = heard.frames.slice(1).map(({ atMs }, n) => atMs - (heard.frames[n]?.atMs ?? 0));
    expect(Math.max(...gaps)).toBeLessThanOrEqual(50);
    expect(heard.frames.filter(({ marker }) => marker)).toHaveLength(1);
  });

  it('events and tones of the same press are one key, whichever comes first', () => {
    for (const offsetMs of [-40, 0, 60]) {
      const sound = withTones(speech(), offsetMs);
      const heard = play(withEvents(voice(sound), presses(), 'keep'));
      expect({ offsetMs, keys: codesOf(heard.keys) }).toEqual({ offsetMs, keys: CARD });
      const sent = encodeG711('PCMU', toLinear(sound));
      for (const { atMs, ms } of presses()) {
        expect(
          leftInMs(sent, heard.codes, atMs + offsetMs, atMs + offsetMs + ms, OPTIONS.lookbackMs),
        ).toBeLessThan(0.5);
      }
    }
  });

  it('a gateway that lets 40 ms of the tone through before its event leaves nothing of it', () => {
    const sound = withTones(speech(), -40, 40);
    const sent = encodeG711('PCMU', toLinear(sound));
    const heard = play(withEvents(voice(sound), presses(), 'pause'));
    expect(codesOf(heard.keys)).toEqual(CARD);
    for (const { atMs } of presses()) {
      expect(leftInMs(sent, heard.codes, atMs - 40, atMs, OPTIONS.lookbackMs)).toBeLessThan(0.5);
    }
  });

  it('the same key by event and later as a tone is two presses', () => {
    const sound = mix(noise(1500, -50, 1), keyTone({ code: 7, ms: 80 }), 900);
    const heard = play(withEvents(voice(sound), [{ code: 7, atMs: 500, ms: 100 }], 'keep'));
    expect(heard.keys.map(({ code, transport }) => [code, transport])).toEqual([
      [7, 'rfc4733'],
      [7, 'inband'],
    ]);
  });

  it('tones where events were agreed are captured, and told as unexpected once', () => {
    const heard = play(voice(withTones(speech(), 0)));
    expect(codesOf(heard.keys)).toEqual(CARD);
    expect(heard.unexpected).toEqual(['inband']);
    expect(play(voice(withTones(speech(), 0)), { customerEventPayloadType: undefined }).unexpected).toEqual(
      [],
    );
  });

  it('events that were not agreed never leave, are captured, and told as unexpected once', () => {
    const heard = play(withEvents(voice(speech()), presses(), 'pause'), {
      customerEventPayloadType: undefined,
    });
    expect(codesOf(heard.keys)).toEqual(CARD);
    expect(heard.unexpected).toEqual(['rfc4733']);
    expect(new Set(heard.frames.map(({ bytes }) => bytes))).toEqual(new Set([160]));
  });

  it('one of three packets lost: still every key once', () => {
    for (let offset = 0; offset < 3; offset += 1) {
      const stream = withLoss(withEvents(voice(speech()), presses(), 'pause'), (n) => n % 3 === offset);
      expect(codesOf(play(stream).keys)).toEqual(CARD);
    }
  });

  it('an event whose end never comes stops masking after 250 ms of silence', () => {
    const sound = noise(2500, -20, 12);
    const sent = encodeG711('PCMU', toLinear(sound));
    const stream = withEvents(voice(sound), [{ code: 5, atMs: 600, ms: 100 }], 'keep');
    const heard = play(
      stream.filter(({ packet }) => packet.payloadType !== EVENT_PT || (packet.payload[1] ?? 0) < 0x80),
    );
    expect(codesOf(heard.keys)).toEqual([5]);
    expect(leftInMs(sent, heard.codes, 1200, 2400, OPTIONS.lookbackMs)).toBeGreaterThan(1190);
  });

  it('a hook flash is removed and is no key', () => {
    const heard = play(withEvents(voice(speech()), [{ code: 16, atMs: 600, ms: 100 }], 'pause'));
    expect(heard.keys).toEqual([]);
    expect(heard.stripper.figures().eventPacketsRemoved).toBe(8);
  });

  it.each([
    ['empty', []],
    ['cut short', [5, 10, 0]],
    ['five bytes long', [5, 10, 0, 160, 0]],
  ])('an event packet that is %s captures nothing, masks, and never leaves', (_, payload) => {
    const sound = noise(1000, -20, 14);
    const sent = encodeG711('PCMU', toLinear(sound));
    const stream = withEvents(voice(sound), [{ code: 5, atMs: 500, ms: 20 }], 'keep').map(
      (one): Sent =>
        one.packet.payloadType === EVENT_PT
          ? { ...one, packet: { ...one.packet, payload: Uint8Array.from(payload) } }
          : one,
    );
    const heard = play(stream);
    expect(heard.keys).toEqual([]);
    expect(heard.stripper.figures().packetsUninspectable).toBe(4);
    expect(leftInMs(sent, heard.codes, 500, 560, OPTIONS.lookbackMs)).toBeLessThan(0.5);
    expect(heard.codes).toHaveLength(sent.length);
  });
});

describe('events that come in other ways', () => {
  const inRed = (stream: readonly Sent[], payloadType: number): Sent[] => {
    let before: Sent | undefined;
    return stream.map((sent) => {
      if (sent.packet.payloadType !== EVENT_PT) return sent;
      const { timestamp, payload } = sent.packet;
      // RFC 4733 §2.6.1: the event before, as it ended, in front of the one that goes on.
      const offset = before === undefined ? 0 : (timestamp - before.packet.timestamp) >>> 0;
      const older = before !== undefined && offset > 0 && offset < 0x4000 ? before.packet.payload : undefined;
      const head =
        older === undefined ? [] : [0x80 | EVENT_PT, offset >> 6, (offset & 0x3f) << 2, older.length];
      if (payload[1] !== undefined && payload[1] >= 0x80) before = sent;
      const red = Uint8Array.from([...head, EVENT_PT, ...(older ?? []), ...payload]);
      return { ...sent, packet: { ...sent.packet, payloadType, payload: red } };
    });
  };

  it('inside RED: each is captured once, none leaves, and it is told', () => {
    const heard = play(inRed(withEvents(voice(speech()), presses(), 'pause'), 121));
    expect(codesOf(heard.keys)).toEqual(CARD);
    expect(heard.unexpected).toEqual(['rfc4733']);
    expect(new Set(heard.frames.map(({ bytes }) => bytes))).toEqual(new Set([160]));
  });

  it('inside RED: an event of which every packet was lost is told by the next one', () => {
    const stream = inRed(withEvents(voice(speech()), presses(), 'pause'), 121);
    const events = stream.filter(({ packet }) => packet.payloadType === 121);
    const third = events[16]?.packet.timestamp;
    const heard = play(
      stream.filter(({ packet }) => packet.payloadType !== 121 || packet.timestamp !== third),
    );
    expect(codesOf(heard.keys)).toEqual(CARD);
  });

  it('inside RED beside audio: the audio is not taken, and what is no event is no key', () => {
    const stream = withEvents(voice(speech()), [{ code: 5, atMs: 600, ms: 60 }], 'keep').map((sent): Sent => {
      if (sent.packet.payloadType !== EVENT_PT) return sent;
      const payload = Uint8Array.from([0, ...new Uint8Array(160).fill(0x55)]);
      return { ...sent, packet: { ...sent.packet, payloadType: 121, payload } };
    });
    const heard = play(stream);
    expect(heard.keys).toEqual([]);
    expect(heard.stripper.figures().packetsUninspectable).toBe(6);
  });

  it.each([16_000, 48_000])('with a clock of %d Hz of their own: each once, long presses too', (clockHz) => {
    const long = [
      { code: 4, atMs: 500, ms: 100 },
      { code: 4, atMs: 900, ms: 3000 },
      { code: 4, atMs: 4300, ms: 100 },
    ];
    const ratio = clockHz / 8000;
    const stream = withEvents(voice(speech()), long, 'pause').map((sent): Sent => {
      if (sent.packet.payloadType !== EVENT_PT) return sent;
      const { payload, timestamp } = sent.packet;
      const ticks = (((payload[2] ?? 0) << 8) | (payload[3] ?? 0)) * ratio;
      // §2.5.1.3: what is longer than the field goes on in a segment with a timestamp of its own.
      const segment = Math.floor(Math.max(0, ticks - 1) / 0xffff);
      const left = ticks - segment * 0xffff;
      const changed = Uint8Array.of(payload[0] ?? 0, payload[1] ?? 0, left >> 8, left & 0xff);
      const begins = (timestamp * ratio + segment * 0xffff) >>> 0;
      return { ...sent, packet: { ...sent.packet, payload: changed, timestamp: begins } };
    });
    expect(codesOf(play(stream).keys)).toEqual([4, 4, 4]);
  });

  it('under two payload types in turn: each once', () => {
    const stream = withEvents(voice(speech()), presses(), 'pause').map((sent): Sent => {
      const isOdd = Math.floor((sent.atMs - 400) / 300) % 2 === 1;
      if (sent.packet.payloadType !== EVENT_PT || !isOdd) return sent;
      return { ...sent, packet: { ...sent.packet, payloadType: 110 } };
    });
    expect(codesOf(play(stream).keys)).toEqual(CARD);
  });

  it('under an SSRC of their own beside the audio: each once, the audio goes on without a seam', () => {
    const stream = withEvents(voice(speech()), presses(), 'keep');
    const events = stream.filter(({ packet }) => packet.payloadType === EVENT_PT);
    let next = 0;
    const heard = play(
      voice(speech()),
      {},
      {
        each: (stripper, nowMs) => {
          for (let sent = events[next]; sent !== undefined && sent.atMs <= nowMs; sent = events[next]) {
            stripper.beside({ ...sent.packet, ssrc: 0xbe51de, sequence: next & 0xffff }, nowMs);
            next += 1;
          }
        },
      },
    );
    expect(codesOf(heard.keys)).toEqual(CARD);
    expect(heard.frames.filter(({ marker }) => marker)).toHaveLength(1);
    expect(heard.stripper.figures().packetsLost).toBe(0);
  });
});
