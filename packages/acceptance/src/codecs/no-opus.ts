import type { OpusLibrary } from '@sordino/media';

/** For what has nothing to do with Opus. */
export const noOpus: OpusLibrary = {
  decoder() {
    throw new Error('no Opus here');
  },
  encoder() {
    throw new Error('no Opus here');
  },
};
