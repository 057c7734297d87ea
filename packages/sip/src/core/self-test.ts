import {
  ClientTransaction,
  type InviteUserAgentClient,
  type InviteUserAgentServer,
  SessionDialog,
  Timers,
} from 'sip.js/lib/core/index.js';
import { Authorizations } from '../admission/digest/authorizations.ts';
import { parseSipMessage } from '../ingress/parse-message.ts';
import type { ParsedMessage } from '../ingress/parse-result.ts';
import type { Flow } from '../router/transport.ts';
import { EdgeCore, type WayBack } from './edge-core.ts';
import { EdgeRequest, EdgeResponse } from './edge-message.ts';
import { applyLibraryFixups } from './library-fixups.ts';
import { eject, refreshTarget, setLocalTag } from './library-internals.ts';
import { ALLOWED_METHODS } from './screening.ts';
import { sdpBody } from './session-body.ts';
import { SessionIdentity } from './session-identity.ts';
import { WireUri } from './wire-uri.ts';

const FLOW: Flow = {
  protocol: 'udp',
  local: { host: '127.0.0.1', port: 5060 },
  remote: { host: '127.0.0.1', port: 5090 },
};

/**
 * What we believe of sip.js' inside, tried in memory in a few ms: one call in and one out, nothing on any socket. An empty
 * list means that each fix-up took hold; else the endpoint must not open, since a wrong guess shows as a crash under load.
 */
export function selfTest(): string[] {
  passed ??= findFailures();
  return passed;
}
let passed: string[] | undefined;

function findFailures(): string[] {
  applyLibraryFixups();
  const failures: string[] = [];
  const sent: string[] = [];
  const expect = (what: string, holds: boolean): void => {
    if (!holds) failures.push(what);
  };
  const step = (what: string, run: () => void): void => {
    try {
      run();
    } catch (error) {
      failures.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  const collect = async (message: string): Promise<void> => {
    sent.push(message);
  };
  const back: WayBack = { ofTransaction: collect, once: collect };
  let server: InviteUserAgentServer | undefined;
  const authorizations = new Authorizations();
  const core = new EdgeCore({
    authorizations,
    protocol: 'udp',
    uriTransport: 'udp',
    sentBy: '127.0.0.1:5060',
    contactUser: 'selftest',
    userAgent: 'selftest',
    sendRequest: collect,
    onInvite: (uas) => {
      server = uas;
    },
  });

  step('tables', () => {
    expect(
      'Timers D, I, J and K are those of UDP',
      Timers.TIMER_D > 0 && Timers.TIMER_J > 0 && Timers.TIMER_K > 0,
    );
    const makeId = (ClientTransaction as unknown as { makeId(request: unknown): string }).makeId;
    const [one, other] = [makeId({ method: 'BYE' }), makeId({ method: 'BYE' })];
    expect('branches are random', one.length > 20 && one !== other);
  });
  step('a call in', () => {
    core.serve(request('INVITE', 1, '', 'sip:any%25one@127.0.0.1', 'sip:50%25@127.0.0.1:5090'), back);
    const uas = server;
    if (uas === undefined) return void failures.push('an INVITE for any user reaches us');
    setLocalTag(uas, 'ourtag');
    expect('each method of ours is allowed', sent.length === 0);
    const { session } = uas.accept({ statusCode: 200, body: sdpBody('v=0\r\n') });
    const ok = sent.at(-1) ?? '';
    expect('our To tag is used', ok.includes(';tag=ourtag\r\n'));
    expect('Allow is our list', ok.includes(`Allow: ${ALLOWED_METHODS.join(',')}\r\n`));
    core.serve(request('ACK', 1, 'ourtag', 'sip:selftest@127.0.0.1:5060', undefined), back);
    core.serve(request('UPDATE', 3, 'ourtag', 'sip:selftest@127.0.0.1:5060', undefined), back);
    expect('an UPDATE is ours to answer', (sent.at(-1) ?? '').startsWith('SIP/2.0 200'));
    core.serve(request('INFO', 2, 'ourtag', 'sip:selftest@127.0.0.1:5060', undefined), back);
    expect('and keeps the order of the dialog', (sent.at(-1) ?? '').startsWith('SIP/2.0 500'));
    core.identities.set('selftest', new SessionIdentity('00'));
    session.bye();
    expect('each request passes our hand', (sent.at(-1) ?? '').includes('Session-ID: 00;'));
    expect(
      'an escaped user leaves as it came (C2)',
      (sent.at(-1) ?? '').startsWith('BYE sip:50%25@127.0.0.1:5090 SIP/2.0'),
    );
    expect(
      'server transactions are in our map',
      core.userAgentServers === core.servers && core.servers.size === 2,
    );
  });
  step('a call out', () => {
    const target = WireUri.parse('sip:peer@127.0.0.1:5090');
    if (target === undefined) return void failures.push('WireUri reads a URI');
    let before = core.userAgentClients.size;
    const answered = core.makeOutgoingRequestMessage('INVITE', target, target, target, OUT);
    core.invite(answered, {
      onAccept: ({ message, session, ack }) => {
        refreshTarget(session as SessionDialog, message);
        ack();
      },
    });
    for (const [status, port] of [
      [180, 7000],
      [200, 8000],
    ] as const) {
      core.receiveIncomingResponseFromTransport(response(status, answered.branch ?? '', port));
    }
    expect(
      'the target of a 2xx is where the ACK goes',
      (sent.at(-1) ?? '').startsWith('ACK sip:peer@127.0.0.1:8000 SIP/2.0'),
    );
    before = core.userAgentClients.size;
    const invite = core.makeOutgoingRequestMessage('INVITE', target, target, target, {
      callId: 'x',
      fromTag: 'y',
    });
    const client = core.invite(invite, {}) as InviteUserAgentClient;
    expect('a client transaction is in the map', core.userAgentClients.size === before + 1);
    eject(client);
    expect('a stuck client transaction can be thrown out (C9)', core.userAgentClients.size === before);
  });
  step('a challenge', () => {
    const target = WireUri.parse('sip:peer@127.0.0.1:5090');
    if (target === undefined) return void failures.push('WireUri reads a URI');
    const account = { username: 'u', password: 'p', realm: undefined, algorithms: ['SHA-256'] } as const;
    const release = authorizations.hold(OUT.callId, [account]);
    const asked = core.makeOutgoingRequestMessage('INVITE', target, target, target, { ...OUT, cseq: 1 });
    const client = core.invite(asked, {}) as InviteUserAgentClient;
    const first = client.transaction;
    const challenge = 'WWW-Authenticate: Digest realm="r", nonce="n", algorithm=SHA-256, qop="auth"';
    core.receiveIncomingResponseFromTransport(response(401, asked.branch ?? '', 5090, [challenge]));
    const again = sent.at(-1) ?? '';
    expect('a challenged request is sent again with credentials', /\r\nAuthorization: Digest /.test(again));
    expect('and with the next CSeq', again.includes('\r\nCSeq: 2 INVITE\r\n'));
    expect('a dialog can count on', 'incrementLocalSequenceNumber' in SessionDialog.prototype);
    // It would wait for repetitions of the 401 (timer D), and nothing else keeps this process.
    first.dispose();
    eject(client);
    release();
  });
  step('the end', () => {
    core.reset();
    expect(
      'reset empties all maps',
      Object.values(core.sizes()).every((size) => size === 0),
    );
  });
  return failures;
}

const OUT = { callId: 'selftest-out', fromTag: 'ours' };

function request(
  method: string,
  cseq: number,
  toTag: string,
  uri: string,
  contact: string | undefined,
): EdgeRequest {
  const body = contact === undefined ? '' : 'v=0\r\n';
  const message = parse(
    [
      `${method} ${uri} SIP/2.0`,
      `Via: SIP/2.0/UDP 127.0.0.1:5090;branch=z9hG4bKselftest${method}`,
      'From: <sip:peer@127.0.0.1>;tag=theirs',
      `To: <${uri}>${toTag === '' ? '' : `;tag=${toTag}`}`,
      'Call-ID: selftest',
      `CSeq: ${cseq} ${method}`,
      'Max-Forwards: 70',
      ...(contact === undefined ? [] : [`Contact: <${contact}>`, 'Content-Type: application/sdp']),
    ],
    body,
  );
  if (message.kind !== 'request') throw new Error('self-test request was read as a response');
  return new EdgeRequest(message, FLOW);
}

function response(status: number, branch: string, contactPort: number, headers: string[] = []): EdgeResponse {
  const message = parse(
    [
      `SIP/2.0 ${status} Fine`,
      `Via: SIP/2.0/UDP 127.0.0.1:5060;branch=${branch}`,
      `From: <sip:peer@127.0.0.1:5090>;tag=${OUT.fromTag}`,
      'To: <sip:peer@127.0.0.1:5090>;tag=theirs',
      `Call-ID: ${OUT.callId}`,
      'CSeq: 1 INVITE',
      `Contact: <sip:peer@127.0.0.1:${contactPort}>`,
      ...headers,
    ],
    '',
  );
  if (message.kind !== 'response') throw new Error('self-test response was read as a request');
  return new EdgeResponse(message, undefined);
}

function parse(head: string[], body: string): ParsedMessage {
  const octets = new TextEncoder().encode(`${head.join('\r\n')}\r\n\r\n${body}`);
  const result = parseSipMessage(octets, FLOW);
  if (result.kind !== 'message') throw new Error(`self-test message was refused: ${result.problem}`);
  return result.message;
}
