import { DgramIo } from './dgram-io.ts';
import { loadAddon } from './native-addon.ts';
import { NativeIo } from './native-io.ts';
import type { PacketIo } from './packet-io.ts';

/** What routers put before other traffic, where they heed it: voice (RFC 4594 §4.1). Node's dgram has no way to say it. */
export const EXPEDITED_FORWARDING = 46;

/** `addon`: its file, which has been loaded by the main thread before, so that it loads here; null: `node:dgram`. */
export function openPacketIo(addon: string | null): PacketIo {
  return addon === null ? new DgramIo() : new NativeIo(loadAddon(addon), EXPEDITED_FORWARDING);
}
