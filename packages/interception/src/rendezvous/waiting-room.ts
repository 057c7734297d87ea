import type { SessionId } from '@sordino/core';
import type { IncomingInvite } from '../ports/sip-calls.ts';
import { fromUserToUser, looksLikeToken } from './token.ts';

/** How a waiting session can be recognised. */
export interface Waiting {
  readonly session: SessionId;
  /** The platform whose call it is: from nowhere else is it taken. */
  readonly platform: string;
  readonly token: string;
  /** One-time number, `+44…`. */
  readonly number: string | null;
  readonly dialog: {
    readonly call_id: string;
    readonly local_tag: string;
    readonly remote_tag: string;
  } | null;
  readonly ani: string | null;
}

export type MatchMethod = 'number' | 'token' | 'header' | 'user_to_user' | 'dialog' | 'ani';

export type Match =
  | { readonly kind: 'one'; readonly session: SessionId; readonly by: MatchMethod }
  | { readonly kind: 'none' | 'ambiguous'; readonly by: MatchMethod | null };

export const TOKEN_HEADER = 'X-Sordino-Token';

/**
 * The sessions that wait for their INVITE. Design section 4: leg 5 is matched by, in order, the one-time number or token in the
 * Request-URI, the token header, User-to-User, the dialog ids, the caller's number. The first identifier that the INVITE
 * carries decides: a wrong token is refused even when the caller's number would fit. None or more than one: never guess. What waits
 * for another platform than the INVITE came from is not there at all.
 */
export class WaitingRoom {
  readonly #bySession = new Map<SessionId, Waiting>();
  readonly #numbers: ReadonlySet<string>;

  /** `numbers`: the whole pool, so that a free pool number is recognised as ours and refused. */
  constructor(numbers: readonly string[]) {
    this.#numbers = new Set(numbers.map(digitsOf));
  }

  get size(): number {
    return this.#bySession.size;
  }

  add(waiting: Waiting): void {
    this.#bySession.set(waiting.session, waiting);
  }

  remove(session: SessionId): void {
    this.#bySession.delete(session);
  }

  match(invite: IncomingInvite): Match {
    const { platforms } = invite;
    const only = (by: MatchMethod, fits: (waiting: Waiting) => boolean): Match =>
      this.#only(by, (waiting) => platforms?.includes(waiting.platform) !== false && fits(waiting));
    const user = invite.requestUser ?? '';
    const calledDigits = digitsOf(telephoneNumberOf(user));
    if (looksLikeToken(user)) return only('token', (waiting) => waiting.token === user);
    if (calledDigits !== '' && this.#numbers.has(calledDigits)) {
      return only('number', ({ number }) => number !== null && digitsOf(number) === calledDigits);
    }
    const [headerToken] = invite.header(TOKEN_HEADER);
    if (headerToken !== undefined) {
      return only('header', (waiting) => waiting.token === headerToken.trim());
    }
    const uuiToken = invite
      .header('User-to-User')
      .map(fromUserToUser)
      .find((token) => token !== undefined);
    if (uuiToken !== undefined) {
      return only('user_to_user', (waiting) => waiting.token === uuiToken);
    }
    const [targetDialog] = invite.header('Target-Dialog');
    if (targetDialog !== undefined) return only('dialog', ({ dialog }) => names(targetDialog, dialog));
    const caller = digitsOf(invite.fromUser ?? '');
    if (caller !== '') return only('ani', ({ ani }) => ani !== null && digitsOf(ani) === caller);
    return { kind: 'none', by: null };
  }

  #only(by: MatchMethod, fits: (waiting: Waiting) => boolean): Match {
    const found = [...this.#bySession.values()].filter(fits);
    const [first] = found;
    if (first === undefined) return { kind: 'none', by };
    return found.length === 1 ? { kind: 'one', session: first.session, by } : { kind: 'ambiguous', by };
  }
}

// RFC 4538 §4: callid *( ; local-tag / remote-tag ). The platform writes the tags from its side of the dialog and the agent's
// app may have read them from either side, so both orders fit.
function names(targetDialog: string, dialog: Waiting['dialog']): boolean {
  if (dialog === null) return false;
  const [callId, ...params] = targetDialog.split(';').map((part) => part.trim());
  const tag = (name: string): string | undefined =>
    params.find((param) => param.toLowerCase().startsWith(`${name}=`))?.slice(name.length + 1);
  const local = tag('local-tag');
  const remote = tag('remote-tag');
  return (
    callId === dialog.call_id &&
    ((local === dialog.local_tag && remote === dialog.remote_tag) ||
      (local === dialog.remote_tag && remote === dialog.local_tag))
  );
}

/**
 * RFC 3261 §19.1.6: a number in a user part may bring the parameters of a tel URI along (`+44…;npdi`), and some platforms escape
 * the plus.
 */
const telephoneNumberOf = (user: string): string => user.replace(/;.*$/s, '').replace(/^%2b/i, '+');

/** `+44 7700-900123` and `447700900123` are one number; anything with letters is none. */
function digitsOf(text: string): string {
  const bare = text.replace(/^\+/, '').replace(/[\s().-]/g, '');
  return /^\d+$/.test(bare) ? bare : '';
}
