import { fromUserToUser } from '@sordino/interception';
import { audioOf, type CallView, type Seen } from '../call-view.ts';
import { advice, type Finding, mustChange, notSeen, pass } from '../report.ts';
import type { WireMessage } from '../wire-record.ts';

/** INVITE 5 comes, names its session, and brings what it should. */
export function leg5(seen: Seen): readonly Finding[] {
  const { invite5 } = seen.call;
  if (invite5 === undefined) return [arrival(seen.call)];
  return [
    pass(
      'INVITE 5',
      `came from ${invite5.peer} over ${invite5.transport}; the session was found by ${foundBy(seen.call, invite5)}`,
    ),
    ...transport(invite5),
    ...headers(seen, invite5),
    ...offer(seen, invite5),
  ];
}

/** Why no session found its INVITE. */
function arrival(call: CallView): Finding {
  if (call.failureCode?.startsWith('refer_'))
    return notSeen('INVITE 5', 'the platform was asked for it in vain');
  const [stray] = call.strayInvites;
  const [ignored] = call.seen.ignoredSources;
  if (stray === undefined && ignored !== undefined) {
    return mustChange(
      'INVITE 5',
      `SIP came from ${ignored} and was ignored: add that address to platforms[].allow of this platform, if it is its own`,
    );
  }
  if (stray === undefined) {
    return mustChange(
      'INVITE 5',
      `no INVITE came for ${call.seen.rendezvous.sip_uri}: check that the test call was diverted, the platform's route to this address, and the firewall`,
    );
  }
  const { invite, status } = stray;
  const came = `an INVITE came from ${invite.peer} for ${invite.requestUri}`;
  if (status === 403 || status === undefined) {
    return mustChange(
      'INVITE 5',
      `${came}, and Sordino took no call from that address: add it to platforms[].allow, or send from an address that is there`,
    );
  }
  if (status === 401)
    return mustChange('INVITE 5', `${came} without the credentials that Sordino asked for (401)`);
  if (status !== 404) return mustChange('INVITE 5', `${came} and was refused with ${status}`);
  return mustChange(
    'INVITE 5',
    `${came}, and no token was left in it: pass the rendezvous on unchanged in one of Request-URI, X-Sordino-Token, User-to-User, or dial the one-time number`,
  );
}

function foundBy({ seen }: CallView, invite: WireMessage): string {
  const { rendezvous } = seen;
  const token = rendezvous.header['X-Sordino-Token'];
  const user = /^sips?:([^@;]+)/i.exec(invite.requestUri)?.[1] ?? '';
  const carriers = [
    [user === token, 'the token in the Request-URI'],
    [rendezvous.e164 !== null && digits(user) === digits(rendezvous.e164), 'the one-time number'],
    [invite.header('X-Sordino-Token').includes(token), 'X-Sordino-Token'],
    [invite.header('User-to-User').some((value) => fromUserToUser(value) === token), 'User-to-User'],
    [invite.header('Target-Dialog').length > 0, 'Target-Dialog'],
  ] as const;
  const found = carriers.flatMap(([is, name]) => (is ? [name] : []));
  return found.length === 0 ? "the caller's number" : found.join(' and ');
}

function transport(invite: WireMessage): readonly Finding[] {
  const secure = invite.transport === 'tls' || invite.transport === 'wss';
  const [hops] = invite.header('Max-Forwards');
  return [
    secure
      ? pass('signalling', `is encrypted (${invite.transport})`)
      : advice('signalling', `is in the clear (${invite.transport}): use TLS where it leaves your network`),
    ...(hops === undefined
      ? [mustChange('Max-Forwards', 'is not in INVITE 5; RFC 3261 §8.1.1.6 asks for it')]
      : []),
  ];
}

/** Headers that the profile counts on. */
function headers({ platform, call }: Seen, invite: WireMessage): readonly Finding[] {
  const missing = platform.correlation_headers.filter((name) => invite.header(name).length === 0);
  const lacks = missing.map((name) =>
    mustChange(
      'correlation',
      `${name} is configured as correlation header and is not in INVITE 5: send it, or take it out of correlation_headers`,
    ),
  );
  const byHeader = platform.correlation_headers.length > missing.length;
  const byUri = platform.return_uri.includes('{call_id}');
  const none =
    platform.correlation_headers.length === 0 && !byUri
      ? [
          advice(
            'correlation',
            'leg 7 carries nothing that names the call: set correlation_headers, or {call_id} in return_uri',
          ),
        ]
      : [];
  const kept =
    byHeader || byUri
      ? [pass('correlation', `leg 7 names the call by ${byHeader ? 'header' : 'its Request-URI'}`)]
      : [];
  const back =
    platform.return_header !== null && invite.header(platform.return_header).length === 0
      ? [
          advice(
            'return address',
            `${platform.return_header} is not in INVITE 5: leg 7 went to the address of the session or the configuration`,
          ),
        ]
      : [];
  const refused =
    call.failureCode === 'return_address_not_allowed'
      ? [
          mustChange(
            'return address',
            `INVITE 5 names a host for leg 7 that is not configured: add it to return_hosts, or send another`,
          ),
        ]
      : [];
  return [...lacks, ...none, ...(lacks.length > 0 ? [] : kept), ...back, ...refused];
}

/** Shapes a-1, a-2 and a-3, and whose media the description names. */
function offer(seen: Seen, invite: WireMessage): readonly Finding[] {
  const { call, platform } = seen;
  if (call.failureCode === 'no_common_codec' || call.failureCode === 'bad_sdp') {
    const audio = audioOf(invite.sdp);
    const what =
      audio === undefined
        ? 'no audio line that can be read'
        : `${audio.profile} with ${audio.codecs.join(', ')}`;
    return [mustChange('offer', `has ${what}: offer one of ${platform.codecs.join(', ')} as RTP/AVP`)];
  }
  const descriptions = call.descriptions(5).map(audioOf);
  const [first] = descriptions;
  if (first === undefined) return [notSeen('offer', 'no description came on leg 5')];
  const shape =
    invite.sdp === undefined ? 'a-1: none in INVITE 5, the answer came in the ACK' : 'with SDP in INVITE 5';
  const addresses = new Set(
    descriptions.flatMap((audio) => (audio === undefined ? [] : [`${audio.host}:${audio.port}`])),
  );
  return [
    pass('offer', `${shape}; ${first.codecs.join(', ')}`),
    ...swap(seen, addresses.size > 1),
    first.hasEvents
      ? pass('telephone-event', 'is offered on leg 5')
      : advice(
          'telephone-event',
          'is not offered on leg 5: keys then come as tones, which works and is less sure',
        ),
    // In shape a-3 the customer's own comes last.
    ...scope(seen, descriptions.at(-1)?.host ?? first.host),
  ];
}

function swap({ platform, call }: Seen, moved: boolean): readonly Finding[] {
  const { leg5_media } = platform;
  if (leg5_media === 'customer_after_reinvite' && !moved && call.failureCode === 'no_media') {
    return [
      mustChange(
        'leg5_media',
        'is customer_after_reinvite, and no re-INVITE on leg 5 named another media address: send it once the customer has answered, or set leg5_media to customer or via_platform',
      ),
    ];
  }
  if (leg5_media === 'customer' && moved && invitedWithSdp(call)) {
    return [
      mustChange(
        'leg5_media',
        "is customer, and a later re-INVITE on leg 5 named another media address: the first was the platform's own, so set leg5_media to customer_after_reinvite",
      ),
    ];
  }
  return [];
}

const invitedWithSdp = (call: CallView): boolean => call.invite5?.sdp !== undefined;

/** Who carries the tones is who is in scope of PCI DSS. */
function scope({ platform, call }: Seen, host: string): readonly Finding[] {
  if (platform.leg5_media === 'via_platform') {
    return [
      advice(
        'PCI scope',
        "leg5_media is via_platform: the customer's tones run through the platform, which stays in scope",
      ),
    ];
  }
  const own = audioOf(call.answer7?.sdp)?.host;
  if (own === undefined) return [];
  if (own !== host)
    return [
      pass(
        'PCI scope',
        `the customer's media comes from ${host}, the platform's from ${own}: tones do not run through the platform`,
      ),
    ];
  return [
    advice(
      'PCI scope',
      `legs 5 and 7 name the same media host (${host}): if that is the platform, the customer's tones run through it and it stays in scope; then set leg5_media to via_platform`,
    ),
  ];
}

const digits = (text: string): string => text.replace(/\D/g, '');
