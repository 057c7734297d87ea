import { describe, expect, it } from '@jest/globals';
import { SAMPLES_PER_MS } from '../audio/samples.ts';
import { dtmfDecode } from '../measure/dtmf-decode.ts';
import { Keypad } from './keypad.ts';
import { PACKET_MS } from './pacer.ts';

const FRAME_SAMPLES = PACKET_MS * SAMPLES_PER_MS;

describe('a key of a phone that stands still while it is down', () => {
  it('goes on where it was: nothing of its tone is left out', async () => {
    const keypad = new Keypad();
    const pressed = keypad.press('7', { how: 'inband', durationMs: 100, gapMs: 40 });
    const heard = new Int16Array(8 * FRAME_SAMPLES);
    for (let packet = 0; packet < 8; packet += 1) {
      // The clock goes on for 800 ms without a packet, and the timestamps, near their end, do not.
      const atMs = packet * PACKET_MS + (packet < 2 ? 0 : 800);
      const timestamp = (2 ** 32 - FRAME_SAMPLES + packet * FRAME_SAMPLES) % 2 ** 32;
      const frame = heard.subarray(packet * FRAME_SAMPLES, (packet + 1) * FRAME_SAMPLES);
      expect(keypad.tick(atMs, timestamp, frame).events).toEqual([]);
    }
    expect(dtmfDecode(heard)).toMatchObject([{ key: '7' }]);
    expect(heard.subarray(4 * FRAME_SAMPLES, 5 * FRAME_SAMPLES).some((sample) => sample !== 0)).toBe(true);
    expect(await pressed).toEqual({ key: '7', startMs: 0, endMs: 900 });
  });
});
