import { ok, refuse } from '@sordino/core';
import { scanHostPort } from './host-port.ts';
import type { ParsedVia } from './parse-result.ts';
import { type Parameters, type SyntaxResult, scanParameters, skipSpace, skipToken } from './scan.ts';

export interface ViaScan {
  readonly via: ParsedVia;
  /** The part that could be read, written without needless white space: what a refusal copies. */
  readonly text: string;
  /** Set where sent-protocol and sent-by are good and a parameter is not: enough to answer, not to accept. */
  readonly problem: string | undefined;
}

/**
 * One `via-parm` (RFC 3261 §20.42): `SIP / 2.0 / UDP host:port;branch=…` with white space wherever the grammar has it.
 * Refused only when there is no sent-by to answer to.
 */
export function parseVia(text: string): SyntaxResult<ViaScan> {
  const protocol: string[] = [];
  let at = skipSpace(text, 0);
  for (let part = 0; part < 3; part++) {
    const end = skipToken(text, at);
    if (end === at) return refuse('has a malformed protocol');
    protocol.push(text.slice(at, end));
    if (part === 2) {
      at = skipSpace(text, end);
      if (at === end) return refuse('has no sent-by');
      break;
    }
    const slash = skipSpace(text, end);
    if (text.charCodeAt(slash) !== 0x2f) return refuse('has a malformed protocol');
    at = skipSpace(text, slash + 1);
  }
  const sentBy = scanHostPort(text, at, 'allowed');
  if (!sentBy.ok) return sentBy;
  const { host, port, end } = sentBy.value;
  const scanned = scanParameters(text, end);
  // RFC 3261 §8.1.1.7: a branch is a token, so it has a value and no quotes.
  const badBranch = scanned.params.has('branch') && !/^[^"]+$/.test(scanned.params.get('branch') ?? '');
  const params = badBranch ? without(scanned.params, 'branch') : scanned.params;
  const problem = scanned.problem ?? (badBranch ? 'has a malformed branch' : undefined);
  const transport = (protocol[2] ?? '').toUpperCase();
  const via: ParsedVia = { transport, host, port, branch: params.get('branch'), params };
  return ok({ via, text: `${protocol.join('/')} ${viaTail(via)}`, problem });
}

function without(params: Parameters, name: string): Parameters {
  return new Map([...params].filter(([other]) => other !== name));
}

function viaTail(via: ParsedVia): string {
  let text = via.port === undefined ? via.host : `${via.host}:${via.port}`;
  for (const [name, value] of via.params) text += value === undefined ? `;${name}` : `;${name}=${value}`;
  return text;
}

/** The same Via element with other parameters: as a server writes `received` and `rport` into it. */
export function rewriteVia(scan: ViaScan, params: Parameters): ViaScan {
  const via = { ...scan.via, params };
  const protocol = scan.text.slice(0, scan.text.indexOf(' '));
  return { via, text: `${protocol} ${viaTail(via)}`, problem: scan.problem };
}
