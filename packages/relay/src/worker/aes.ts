import { createCipheriv } from 'node:crypto';
import type { CreateAes } from '@sordino/media';

/**
 * The block cipher of the platform, one object for the life of a key: an object per packet would cost more than all the rest
 * of SRTP. Blocks are encrypted each for itself (ECB); the counter modes around it are in the media package.
 */
export const createAes: CreateAes = (key) => {
  const cipher = createCipheriv(`aes-${key.length * 8}-ecb`, key, null).setAutoPadding(false);
  return {
    encrypt: (blocks, length) => cipher.update(blocks.subarray(0, length)),
    // OpenSSL zeroes the key schedule with the context.
    release: () => {
      cipher.final();
    },
  };
};
