import type { MediaBridge, MediaRelay } from '@sordino/interception';

/** A relay whose bridges can be told to send no more, as if this machine had died: sockets stay, packets stop. */
export class Mutable {
  #bridges: { readonly mute: () => void }[] = [];

  readonly observe = (relay: MediaRelay): MediaRelay => ({
    open: async (request, handlers) => {
      const opened = await relay.open(request, handlers);
      if (!opened.ok) return opened;
      return { ok: true, value: this.#watch(opened.value) };
    },
  });

  muteAll(): void {
    for (const { mute } of this.#bridges) mute();
  }

  #watch(bridge: MediaBridge): MediaBridge {
    const peers = new Map<Parameters<MediaBridge['setPeer']>[0], Parameters<MediaBridge['setPeer']>[1]>();
    let muted = false;
    const mute = (): void => {
      muted = true;
      // To a peer that is on hold nothing is sent; what it sends is still taken.
      for (const [side, peer] of peers) bridge.setPeer(side, { ...peer, direction: 'sendonly' });
    };
    this.#bridges.push({ mute });
    const setPeer: MediaBridge['setPeer'] = (side, peer) => {
      peers.set(side, peer);
      bridge.setPeer(side, muted ? { ...peer, direction: 'sendonly' } : peer);
    };
    // The rest of the bridge works on its own private fields, which a copy of it would not have.
    return new Proxy(bridge, {
      get: (target, name) => {
        if (name === 'setPeer') return setPeer;
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  }
}
