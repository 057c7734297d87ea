import type { SessionService } from '@sordino/payments';
import { HttpProblem } from '../http/problem-details.ts';
import { CREDENTIAL_CHARACTERS_MAX } from '../limits.ts';
import type { AgentTokens } from './agent-tokens.ts';
import type { ApiKeys } from './keys/api-keys.ts';
import type { Principal } from './principal.ts';

export interface Authenticators {
  readonly apiKeys: ApiKeys;
  readonly agentTokens: AgentTokens;
  readonly service: Pick<SessionService, 'callerForClientSecret'>;
}

export interface Authenticated {
  readonly principal: Principal;
  /** As presented; only to derive keys from, never to store or log. */
  readonly credential: string;
}

/** Throws 401. The answer is the same for a key that is missing, unknown, expired or malformed. */
export function authenticate(header: string | undefined, by: Authenticators): Authenticated {
  const credential = credentialOf(header);
  const principal = credential === undefined ? undefined : principalOf(credential, by);
  if (credential === undefined || principal === undefined) throw unauthorized();
  return { principal, credential };
}

function principalOf(credential: string, by: Authenticators): Principal | undefined {
  if (credential.startsWith('sk_')) {
    const key = by.apiKeys.find(credential);
    return key && { kind: 'api_key', key, caller: { tenant: key.tenant, livemode: key.livemode } };
  }
  if (credential.startsWith('agt_')) {
    const token = by.agentTokens.find(credential);
    return token && { kind: 'agent_token', ...token };
  }
  const secret = credential.startsWith('ses_') ? by.service.callerForClientSecret(credential) : undefined;
  return secret && { kind: 'client_secret', ...secret };
}

/**
 * RFC 6750 §2.1 bearer, or RFC 7617 basic: the key as user name with an empty password, as Stripe takes it, or as the password of whatever user
 * name, for forms that want both.
 */
function credentialOf(header: string | undefined): string | undefined {
  const [, scheme, value] = /^(bearer|basic) +([!-~]+) *$/i.exec(header ?? '') ?? [];
  if (scheme === undefined || value === undefined || value.length > 2 * CREDENTIAL_CHARACTERS_MAX)
    return undefined;
  const credential = scheme.toLowerCase() === 'basic' ? keyOfBasic(value) : value;
  return credential.length <= CREDENTIAL_CHARACTERS_MAX ? credential : undefined;
}

function keyOfBasic(base64: string): string {
  const [user = '', password = ''] = Buffer.from(base64, 'base64').toString('latin1').split(':');
  return password === '' ? user : password;
}

function unauthorized(): HttpProblem {
  return new HttpProblem({
    status: 401,
    type: 'authentication_error',
    code: 'invalid_credential',
    message:
      'No valid credential. Send "Authorization: Bearer KEY" with an API key, an agent token that has not expired, or the client secret of a session.',
    headers: { 'WWW-Authenticate': 'Bearer realm="sordino"' },
  });
}
