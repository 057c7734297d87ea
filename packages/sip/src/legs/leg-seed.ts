import type { SipLegLabel } from '@sordino/interception';
import type { SessionDialog } from 'sip.js/lib/core/index.js';
import type { EdgeRequest } from '../core/edge-message.ts';
import type { StoredLeg } from '../farewell/stored-leg.ts';
import type { SipAddress } from '../router/transport.ts';

/** Of a stored leg, what its INVITE says. */
export type LegSeed = Omit<StoredLeg, 'label' | 'state' | 'point'>;

/** An INVITE that came to us. `localTag`: of every answer that it gets. */
export function seedOfIncoming(id: string, request: EdgeRequest, localTag: string, sinceMs: number): LegSeed {
  return {
    id,
    role: 'uas',
    sinceMs,
    address: { host: request.flow.remote.host, port: request.flow.remote.port },
    callId: request.callId,
    local: `${request.value('To')};tag=${localTag}`,
    localTag,
    remote: request.value('From') ?? '',
    remoteTag: request.fromTag,
    target: request.parsed.contacts[0]?.uri.text ?? request.parsed.from.uri.text,
    routes: request.values('Record-Route'),
    cseq: 0,
    inviteCseq: request.cseq,
    vias: request.values('Via'),
  };
}

/** An INVITE of ours, read off the wire: its branch and its next hop are chosen on the way there. Undefined: it is in a dialog. */
export function seedOfOutgoing(
  id: string,
  invite: string,
  address: SipAddress,
  sinceMs: number,
): LegSeed | undefined {
  const [start = '', ...lines] = invite.slice(0, invite.indexOf('\r\n\r\n')).split('\r\n');
  const values = (name: string): string[] =>
    lines.filter((line) => line.startsWith(`${name}: `)).map((line) => line.slice(name.length + 2));
  const [local = ''] = values('From');
  const [remote = ''] = values('To');
  const [, target] = start.split(' ');
  const cseq = Number.parseInt(values('CSeq')[0] ?? '', 10);
  if (target === undefined || Number.isNaN(cseq) || tagOf(remote) !== '') return undefined;
  return {
    id,
    role: 'uac',
    sinceMs,
    address: { ...address },
    callId: values('Call-ID')[0] ?? '',
    local,
    localTag: tagOf(local),
    remote,
    remoteTag: '',
    target,
    routes: values('Route'),
    cseq,
    inviteCseq: cseq,
    vias: values('Via'),
  };
}

/** The leg as it would be left behind now. `kept`: of its INVITE, whatever has been asked for since. */
export function storedLeg(
  seed: LegSeed,
  kept: StoredLeg['state'],
  label: SipLegLabel | undefined,
  point: number,
  dialog: SessionDialog | undefined,
): StoredLeg {
  const leg: { -readonly [Name in keyof StoredLeg]: StoredLeg[Name] } = {
    id: seed.id,
    role: seed.role,
    sinceMs: seed.sinceMs,
    address: seed.address,
    callId: seed.callId,
    local: seed.local,
    localTag: seed.localTag,
    remote: seed.remote,
    remoteTag: seed.remoteTag,
    target: seed.target,
    routes: seed.routes,
    cseq: seed.cseq,
    inviteCseq: seed.inviteCseq,
    vias: seed.vias,
    label: label ?? null,
    point,
    state: kept,
  };
  // A CANCEL goes the way of its INVITE, whatever an early dialog has learned meanwhile.
  if (dialog === undefined || dialog.early) return leg;
  // A 2xx that crossed our CANCEL is acknowledged at once.
  if (kept === 'unanswered' && seed.role === 'uac') leg.state = 'confirmed';
  if (seed.remoteTag === '') leg.remote = `${seed.remote};tag=${dialog.remoteTag}`;
  leg.remoteTag = dialog.remoteTag;
  leg.target = dialog.remoteTarget.toString();
  leg.routes = dialog.routeSet;
  leg.cseq = Math.max(seed.cseq, dialog.localSequenceNumber ?? 0);
  return leg;
}

/** Of a header value that we wrote ourselves. */
const tagOf = (value: string): string => /;tag=([^;]+)/.exec(value)?.[1] ?? '';
