import type { ReferForm } from './profile.ts';

/** What a platform must take for the dance, and what goes wrong without it. */
const NEEDED: readonly (readonly [method: string, why: string])[] = [
  ['INVITE', 'leg 7 cannot be set up'],
  ['ACK', 'a call that was answered is ended again'],
  ['CANCEL', 'leg 7 rings on when the payment is given up'],
  ['BYE', 'the call cannot be handed back'],
];

const NEEDED_FOR_REFER = ['REFER', 'Sordino cannot ask for a call (refer.form: target_dialog)'] as const;

/**
 * In words, what the platform leaves out of its `Allow`. RFC 3261 §20.5: a message without `Allow` says nothing about what is
 * supported, so then nothing is missing.
 */
export function missingMethods(allow: readonly string[] | null, form: ReferForm): readonly string[] {
  if (allow === null) return [];
  const needed = form === 'target_dialog' ? [...NEEDED, NEEDED_FOR_REFER] : NEEDED;
  return needed
    .filter(([method]) => !allow.some((token) => token.toUpperCase() === method))
    .map(([method, why]) => `${method} is not in Allow: ${why}`);
}
