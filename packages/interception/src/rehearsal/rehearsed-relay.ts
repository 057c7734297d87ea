import { overriding, refuse } from '@sordino/core';
import type { MediaBridge, MediaBridgeHandlers, MediaRelay } from '../ports/media-relay.ts';
import type { MediaDescription } from '../ports/sdp-negotiator.ts';
import type { Script } from './script.ts';

/** The bridge of one call, whose worker can be made to seem lost, whose customer to seem silent, and whose mask can be switched off. */
export class RehearsedRelay {
  readonly #script: Script;
  #loseBridge: () => void = () => {};
  #silence: () => void = () => {};
  #maskOff: () => void = () => {};

  constructor(script: Script) {
    this.#script = script;
  }

  wrap(relay: MediaRelay): MediaRelay {
    return overriding(relay, {
      open: async (request, handlers) => {
        if (this.#script.takes('overloaded')) return refuse('overloaded');
        const watched = this.#watched(handlers);
        const opened = await relay.open(request, watched.handlers);
        return opened.ok ? { ok: true, value: this.#bridge(opened.value, watched.lose) } : opened;
      },
    });
  }

  /** This call's bridge is closed and reported as lost: its worker may carry calls that are no rehearsal. */
  loseWorker(): void {
    this.#loseBridge();
  }

  /** No packet of the customer's is taken any more. */
  silenceCustomer(): void {
    this.#silence();
  }

  /** What comes as audio is not masked any more: until the call moves to another bridge. */
  maskOff(): void {
    this.#maskOff();
  }

  #bridge(inner: MediaBridge, lose: () => void): MediaBridge {
    let deaf = this.#script.takes('no_media');
    let customer: MediaDescription | undefined;
    this.#loseBridge = () => {
      inner.close().catch(() => {});
      lose();
    };
    this.#silence = () => {
      deaf = true;
      // Our own RTCP port: what we send there is dropped, and what the customer sends is a stranger's.
      if (customer !== undefined)
        inner.setPeer('customer', { ...customer, rtp: inner.customer.rtcp, rtcp: inner.customer.rtcp });
    };
    this.#maskOff = () => inner.maskOff();
    return overriding(inner, {
      setPeer: (side, peer) => {
        if (side === 'customer') customer = peer;
        if (side === 'clean' || !deaf) inner.setPeer(side, peer);
      },
    });
  }

  #watched(handlers: MediaBridgeHandlers): { readonly handlers: MediaBridgeHandlers; lose(): void } {
    let lost = false;
    const unlessLost =
      <Args extends unknown[]>(tell: (...args: Args) => void) =>
      (...args: Args): void => {
        if (!lost) tell(...args);
      };
    return {
      handlers: {
        mediaStarted: unlessLost((side, atMs) => handlers.mediaStarted(side, atMs)),
        cleanAudioFlowing: unlessLost((atMs) => handlers.cleanAudioFlowing(atMs)),
        mediaStalled: unlessLost((side, silentMs) => handlers.mediaStalled(side, silentMs)),
        mediaResumed: unlessLost((side, atMs) => handlers.mediaResumed(side, atMs)),
        mediaQuality: unlessLost((side, sample) => handlers.mediaQuality(side, sample)),
        oneWay: unlessLost((side, oneWay) => handlers.oneWay(side, oneWay)),
        playEnded: unlessLost((side, prompt, outcome) => handlers.playEnded(side, prompt, outcome)),
        keySealed: unlessLost((key) => {
          if (this.#script.takes('keys_on_wrong_transport')) handlers.transportUnexpected('inband');
          handlers.keySealed(key);
        }),
        transportUnexpected: unlessLost((transport) => handlers.transportUnexpected(transport)),
        shortKey: unlessLost(() => handlers.shortKey()),
        handshakeRefused: unlessLost((side, reason) => handlers.handshakeRefused(side, reason)),
        leakSuspected: unlessLost((sign) => handlers.leakSuspected(sign)),
        workerLost: unlessLost(() => handlers.workerLost()),
      },
      lose: () => {
        if (lost) return;
        lost = true;
        handlers.workerLost();
      },
    };
  }
}
