import type { Scheduler } from '@sordino/core';
import type { Admission } from './admission.ts';
import type { Authorizations } from './digest/authorizations.ts';

/** After the end of a leg a BYE of ours can still be challenged: 64*T1. */
const LINGER_MS = 32_000;

/** Keeps at hand what a call may have to sign in with. The result lets go of it, once its last request can have been answered. */
export function holdAccounts(
  admission: Admission | undefined,
  { authorizations, scheduler }: { readonly authorizations: Authorizations; readonly scheduler: Scheduler },
  callId: string,
  platforms: readonly (string | undefined)[],
): () => void {
  const accounts = admission?.accountsFor(platforms.filter((id) => id !== undefined)) ?? [];
  if (accounts.length === 0) return () => {};
  const release = authorizations.hold(callId, accounts);
  return () => void scheduler.after(LINGER_MS, release);
}
