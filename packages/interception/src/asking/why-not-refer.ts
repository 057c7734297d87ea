import type { ExpectedCall, ExpectRefusal } from '../interceptor.ts';
import type { PlatformProfile } from '../platform/profile.ts';

/** Flow (b) needs the platform's consent, and the dialog that the REFER is about. */
export function whyNotRefer(
  { id, refer }: PlatformProfile,
  call: ExpectedCall['call'],
): ExpectRefusal | undefined {
  if (refer.form === 'off') {
    return {
      code: 'refer_not_enabled',
      message: `platform ${id} is not asked for its calls: set refer.form in its profile, or leave start.method out and let it INVITE us`,
    };
  }
  if (call.dialog === undefined) {
    return {
      code: 'dialog_missing',
      message: `start.method refer needs call.dialog: the Call-ID and both tags of platform ${id}'s dialog with the customer`,
    };
  }
  return undefined;
}
