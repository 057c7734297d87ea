/** Memory that the addon and we share. */
export interface NativeSlabs {
  readonly rx: Uint8Array;
  readonly rxMeta: Int32Array;
  readonly tx: Uint8Array;
  readonly txMeta: Int32Array;
  /** [0]: the longest wait for more datagrams, us. */
  readonly control: Int32Array;
  readonly slots: number;
  readonly slotBytes: number;
}

/** What native/packet-io.cc exports. It checks every argument; wrong ones do nothing. */
export interface NativeAddon {
  /** Once; undefined when the system refuses. */
  start(onBatch: (count: number) => void): NativeSlabs | undefined;
  /** The number of the socket, or a negative errno. */
  open(host: string, port: number, dscp: number): number;
  port(socket: number): number;
  target(socket: number, host: string, port: number): number;
  source(slot: number): readonly [host: string, port: number] | undefined;
  flush(count: number): void;
  refused(socket: number): number;
  close(socket: number): void;
  stop(): void;
}

/** A new instance of the addon, with state of its own. Throws when the file is none that this Node can load. */
export function loadAddon(file: string): NativeAddon {
  const module: { exports: unknown } = { exports: {} };
  process.dlopen(module, file);
  return module.exports as NativeAddon;
}
