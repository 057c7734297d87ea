import type { PlatformProfile } from '../platform/profile.ts';

// RFC 3261 §25.1: the characters a user part may hold unescaped, less `;` `?` `/` `&` `=` `,`, which some platforms misread.
const USER_SAFE = /[A-Za-z0-9\-_.!~*'()+$]/;

/** The Request-URI of leg 7: the platform's return address with its own call id filled in, escaped for a user part. */
export function leg7Target(platform: PlatformProfile, callId: string): string {
  const escaped = [...new TextEncoder().encode(callId)]
    .map((byte) => {
      const letter = String.fromCharCode(byte);
      return USER_SAFE.test(letter) ? letter : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');
  return platform.returnUri.replaceAll('{call_id}', escaped);
}
