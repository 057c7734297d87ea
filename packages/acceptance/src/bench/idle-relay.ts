import { type LegMedia, nothingAttested, ok } from '@sordino/core';
import {
  type BridgeFigures,
  type BridgePorts,
  CUSTOMER_QUIET_MS,
  type MediaBridge,
  type MediaRelay,
} from '@sordino/interception';

const HOST = '127.0.0.1';

const portsAt = (port: number): BridgePorts => ({
  rtp: { host: HOST, port },
  rtcp: { host: HOST, port: port + 1 },
});

const media: LegMedia = {
  codec: 'PCMU',
  local: `${HOST}:40000`,
  remote: null,
  packets_in: 0,
  packets_out: 0,
  lost_in: 0,
  jitter_ms: 0,
  foreign_in: 0,
  // A customer who has fallen silent: a call may end as soon as it is asked to.
  last_in_ms_ago: CUSTOMER_QUIET_MS,
  rtt_ms: null,
  lost_out: null,
  jitter_out_ms: null,
  one_way: null,
  quality: [],
};

const figures: BridgeFigures = {
  customer: media,
  clean: media,
  keysSealed: 0,
  lastKeyAtMs: null,
  maskedMs: 0,
  eventPacketsRemoved: 0,
  lookbackMs: 30,
  attestation: nothingAttested(30),
};

/**
 * A relay without sockets: SIP alone is measured. Media "flows" as soon as a peer is set, so that each call goes the whole way
 * to engaged and ready.
 */
export const idleRelay: MediaRelay = {
  open: async (_request, handlers) => {
    const bridge: MediaBridge = {
      customer: portsAt(40_000),
      clean: portsAt(40_002),
      lookbackMs: figures.lookbackMs,
      setPeer: (side) => {
        queueMicrotask(() => {
          handlers.mediaStarted(side, Date.now());
          if (side === 'customer') handlers.cleanAudioFlowing(Date.now());
        });
      },
      setCollecting: () => {},
      play: () => ok(null),
      stopPlaying: () => {},
      maskOff: () => {},
      sealInfoKey: (code) => {
        code.fill(0);
      },
      figures: async () => figures,
      close: async () => figures,
    };
    return ok(bridge);
  },
};
