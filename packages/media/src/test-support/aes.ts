import { createCipheriv } from 'node:crypto';
import type { CreateAes } from '../srtp/srtp.ts';

/** AES of the platform, for tests: the relay brings its own. */
export const nodeAes: CreateAes = (key) => {
  const cipher = createCipheriv(`aes-${key.length * 8}-ecb`, key, null).setAutoPadding(false);
  return {
    encrypt: (blocks, length) => cipher.update(blocks.subarray(0, length)),
    release: () => {
      cipher.final();
    },
  };
};
