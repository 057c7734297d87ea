import { DgramIo } from './dgram-io.ts';
import { loadAddon } from './native-addon.ts';
import { NativeIo } from './native-io.ts';
import type { PacketIo } from './packet-io.ts';

/** `addon`: its file, which has been loaded by the main thread before, so that it loads here; null: `node:dgram`. */
export function openPacketIo(addon: string | null): PacketIo {
  return addon === null ? new DgramIo() : new NativeIo(loadAddon(addon));
}
