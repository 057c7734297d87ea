/**
 * Credentials that a careless message may hold: API keys, client secrets, agents' tokens, one-time rendezvous tokens.
 * The prefix stays, so that a reader sees what it was.
 */
const SECRETS = /\b(sk_(?:test|live)_|ses_[0-9a-z]{1,64}_secret_|agt_|tok_)[0-9A-Za-z_-]{8,}/g;

export function scrubSecrets(text: string): string {
  return text.includes('_') ? text.replace(SECRETS, '$1[secret]') : text;
}
