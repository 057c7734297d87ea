import type { CallScene } from '../../scene/call-scene.ts';
import { headerOf } from './prober.ts';

/** What the platform received, or sent, of one kind; by the first words of the message. */
export function wire(scene: CallScene, direction: 'in' | 'out', start: string): readonly string[] {
  return scene.world.parts.platform
    .report()
    .sip.filter((entry) => entry.direction === direction && entry.text.startsWith(start))
    .map(({ text }) => text);
}

/** A header of the last such message that the platform received. */
export function lastHeader(scene: CallScene, start: string, name: string): string | undefined {
  return headerOf(wire(scene, 'in', start).at(-1) ?? '', name)[0];
}
