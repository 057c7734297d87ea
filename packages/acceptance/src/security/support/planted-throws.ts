import { SEALED_PLAINTEXT_BYTES } from '@sordino/core';

/**
 * Loaded into the process of Sordino before its own code (`node --import`). It looks over the shoulder of the one place where keys are
 * opened, and when a whole card number has gone by it makes what a bug could make of it: an exception in the middle of a key, one that
 * nobody catches, and a rejected promise that nobody waits for; each with the number in its message, its cause and a field of its own.
 */
export const PLANTED_THROWS = `
import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
const { createDecipheriv } = crypto;
const digits = [];
const bug = (what) => {
  const number = digits.slice(0, 16).join('');
  const error = new Error(what + ' while collecting ' + number, { cause: new TypeError('not a digit: ' + digits.join(' ')) });
  error.digits = number;
  return error;
};
crypto.createDecipheriv = (...args) => {
  const decipher = createDecipheriv(...args);
  const update = decipher.update.bind(decipher);
  decipher.update = (...of) => {
    const plaintext = update(...of);
    // A key, and none of the bodies and tokens that are sealed too.
    if (plaintext.length !== ${SEALED_PLAINTEXT_BYTES}) return plaintext;
    digits.push(plaintext[0]);
    if (digits.length !== 17) return plaintext;
    setImmediate(() => { throw bug('planted uncaught'); });
    setImmediate(() => { Promise.reject(bug('planted rejection')); });
    throw bug('planted in a key');
  };
  return decipher;
};
syncBuiltinESMExports();
`;
