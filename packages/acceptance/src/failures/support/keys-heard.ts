import { dtmfDecode, HeardAudio, hostMsOfUnix, sliceTimed, telephoneEvents } from '@sordino/testkit';
import type { CallScene } from '../../scene/call-scene.ts';

/** From the first sample of a key to the last trace of it that a network may still carry. */
const LATEST_MS = 500;

/**
 * What of the customer's keys, from the so manieth on, anybody could read behind Sordino: tones in what the agent heard and on
 * leg 7, telephone-events on leg 7.
 */
export async function keysHeardByAgent(
  { world }: CallScene,
  fromKey = 0,
): Promise<{ readonly tones: string[]; readonly events: string[] }> {
  const keys = world.parts.customer.report().keys.slice(fromKey);
  const fromMs = keys[0]?.startMs ?? 0;
  const toMs = (keys.at(-1)?.endMs ?? 0) + LATEST_MS;
  const leg7 = new HeardAudio();
  for (const { kind, from, bytes, atMs } of await world.platform.leg7Packets()) {
    if (kind === 'rtp') leg7.receive(bytes, from, hostMsOfUnix(atMs));
  }
  const decoded = [world.parts.agent.report().heard, leg7.timeline()].flatMap((heard) =>
    dtmfDecode(sliceTimed(heard, fromMs, toMs).samples),
  );
  return {
    tones: decoded.map(({ key }) => key),
    events: telephoneEvents(leg7.packets).map(({ key }) => key),
  };
}
