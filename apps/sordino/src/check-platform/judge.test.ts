import { describe, expect, it } from '@jest/globals';
import type { EventEnvelope, LegView, PlatformObject, SessionObject } from '@sordino/core';
import { CallView, type Seen } from './call-view.ts';
import { judge } from './judge.ts';
import type { Finding } from './report.ts';
import { WireRecord } from './wire-record.ts';

/** What no simulated platform does; what one does is in packages/acceptance/src/platforms. */

const sdp = (host: string, more = ''): string =>
  `v=0\r\no=- 1 1 IN IP4 ${host}\r\ns=-\r\nc=IN IP4 ${host}\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\n${more}`;

interface Line {
  readonly dir: 'in' | 'out';
  readonly first: string;
  readonly leg?: 5 | 7;
  readonly cseq: string;
  readonly headers?: readonly string[];
  readonly sdp?: string;
  readonly at?: number;
}

const INVITE5: Line = {
  dir: 'in',
  first: 'INVITE sip:tok_1@10.0.0.9 SIP/2.0',
  cseq: '1 INVITE',
  headers: ['Max-Forwards: 70'],
  sdp: sdp('192.0.2.1'),
};
const WHOLE: readonly Line[] = [
  INVITE5,
  {
    dir: 'out',
    leg: 7,
    first: 'INVITE sip:x@10.0.0.1 SIP/2.0',
    cseq: '1 INVITE',
    sdp: sdp('10.0.0.9'),
    at: 10,
  },
  { dir: 'in', leg: 7, first: 'SIP/2.0 200 OK', cseq: '1 INVITE', sdp: sdp('10.0.0.1'), at: 100 },
  { dir: 'out', first: 'SIP/2.0 200 OK', cseq: '1 INVITE', sdp: sdp('10.0.0.9'), at: 110 },
  { dir: 'in', leg: 7, first: 'BYE sip:x@10.0.0.9 SIP/2.0', cseq: '2 BYE', at: 900 },
];

const without = (line: Line): readonly Line[] => WHOLE.filter((other) => other !== line);
const instead = (line: Line, ...lines: readonly Line[]): readonly Line[] => [...lines, ...without(line)];

interface Told {
  readonly lines?: readonly Line[];
  readonly events?: readonly (readonly [string, object?])[];
  readonly failure?: string;
  readonly probe?: Partial<PlatformObject['probe']>;
  readonly ignoredSources?: readonly string[];
  readonly leg6?: object;
  readonly leg7?: object;
}

const READY = [
  ['session.engaged', { gap_ms: 30 }],
  ['session.ready'],
  ['field.progress', { length: 3 }],
  ['session.restoring'],
  ['session.restored', { gap_ms: 20 }],
] as const;

function findings({
  lines = WHOLE,
  events = READY,
  failure,
  probe,
  ignoredSources = [],
  leg6,
  leg7,
}: Told): readonly Finding[] {
  const wire = new WireRecord();
  for (const { dir, first, leg = 5, cseq, headers = [], sdp: body, at = 0 } of lines) {
    const type = body === undefined ? [] : ['Content-Type: application/sdp'];
    const head = [first, `Call-ID: call-${leg}`, `CSeq: ${cseq}`, 'To: <sip:x@y>', ...headers, ...type];
    wire.trace({
      atMs: at,
      direction: dir,
      flow: {
        protocol: 'udp',
        local: { host: '10.0.0.9', port: 5060 },
        remote: { host: '10.0.0.1', port: 5060 },
      } as never,
      text: `${head.join('\r\n')}\r\n\r\n${body ?? ''}`,
    });
  }
  const legs = [
    { role: 'leg5_in', sip: { call_id: 'call-5', status: 200 }, media: null },
    {
      role: 'leg7_out',
      sip: { call_id: 'call-7', status: 200 },
      media: { packets_in: 50, foreign_in: 0, ...leg7 },
    },
    { role: 'leg6_media', sip: null, media: { packets_in: 50, foreign_in: 0, ...leg6 } },
  ] as unknown as readonly LegView[];
  const platform = {
    id: 'plt_main',
    return_uri: 'sip:{call_id}@10.0.0.1',
    return_header: null,
    commit: 'after_leg7',
    leg5_media: 'customer',
    correlation_headers: [],
    codecs: ['PCMU'],
    refer: { form: 'off', target_uri: null, notify_timeout_ms: 5_000 },
    timers: { leg7_answer_ms: 2_000, take_back_ms: 10_000 },
    session_timer: { expires_s: 1_800, min_se_s: 90 },
    probe: { state: 'reachable', status: 200, round_trip_ms: 1, allow: null, missing: [], ...probe },
  } as unknown as PlatformObject;
  const seen: Seen = {
    platform,
    call: new CallView({
      rendezvous: {
        sip_uri: 'sip:tok_1@10.0.0.9',
        e164: '+442039000417',
        user_to_user: '',
        header: { 'X-Sordino-Token': 'tok_1' },
        expires_at: 0,
      },
      session: { result: { failure_code: failure ?? null } } as unknown as SessionObject,
      events: events.map(([type, data = {}]) => ({ type, data, created: 0 }) as unknown as EventEnvelope),
      legs,
      wire: wire.messages,
      ignoredSources,
      log: [],
      ladder: '',
    }),
    held: undefined,
    silent: undefined,
    holdMs: 30_000,
    lossMs: 45_000,
    silentSinceMs: undefined,
  };
  return judge(seen);
}

const told = (what: Told): string =>
  findings(what)
    .map(({ verdict, item, words }) => `${verdict} ${item}: ${words}`)
    .join('\n');

const refused = (status: number): readonly Line[] => [
  { ...INVITE5, first: 'INVITE sip:someone@10.0.0.9 SIP/2.0', cseq: '1 INVITE', leg: 9 as never },
  { dir: 'out', first: `SIP/2.0 ${status} No`, cseq: '1 INVITE', leg: 9 as never },
];

describe('the rules', () => {
  it('find nothing to change in a call as it should be', () => {
    expect(findings({}).filter(({ verdict }) => verdict === 'must_change')).toEqual([]);
    expect(told({})).toMatch(
      /^pass PCI scope: the customer's media comes from 192\.0\.2\.1, the platform's from 10\.0\.0\.1/m,
    );
  });

  it.each<[string, Told, RegExp]>([
    [
      'a method that is missing',
      { probe: { allow: ['INVITE'], missing: ['BYE is not in Allow: x'] } },
      /^must_change OPTIONS: BYE is not/m,
    ],
    [
      'a platform without UPDATE',
      { probe: { allow: ['INVITE', 'ACK', 'BYE', 'CANCEL'] } },
      /^advice UPDATE: is not in Allow/m,
    ],
    [
      'an OPTIONS that is answered 503',
      { probe: { state: 'unreachable', status: 503 } },
      /^must_change OPTIONS: .*\(it answered 503\)/m,
    ],
    [
      'SIP from an address that is not allowed',
      { lines: [], events: [], ignoredSources: ['192.0.2.7'] },
      /^must_change INVITE 5: SIP came from 192\.0\.2\.7 and was ignored/m,
    ],
    [
      'an INVITE from an address that is not allowed',
      { lines: refused(403), events: [] },
      /^must_change INVITE 5: .*no call from that address/m,
    ],
    [
      'an INVITE in silence',
      { lines: refused(403).slice(0, 1), events: [] },
      /^must_change INVITE 5: .*no call from that address/m,
    ],
    [
      'an INVITE without credentials',
      { lines: refused(401), events: [] },
      /^must_change INVITE 5: .*without the credentials/m,
    ],
    [
      'an INVITE that requires too much',
      { lines: refused(420), events: [] },
      /^must_change INVITE 5: .*refused with 420/m,
    ],
    [
      'the one-time number',
      { lines: instead(INVITE5, { ...INVITE5, first: 'INVITE sip:+442039000417@10.0.0.9 SIP/2.0' }) },
      /found by the one-time number$/m,
    ],
    [
      'a token in a header',
      {
        lines: instead(INVITE5, {
          ...INVITE5,
          first: 'INVITE sip:x@10.0.0.9 SIP/2.0',
          headers: ['X-Sordino-Token: tok_1'],
        }),
      },
      /found by X-Sordino-Token$/m,
    ],
    [
      'Max-Forwards left out',
      { lines: instead(INVITE5, { ...INVITE5, headers: [] }) },
      /^must_change Max-Forwards: is not in INVITE 5/m,
    ],
    [
      'an offer without events',
      { lines: instead(INVITE5, { ...INVITE5, sdp: sdp('192.0.2.1').replace(/ 101\r\n.*/s, '\r\n') }) },
      /^advice telephone-event: is not offered/m,
    ],
    [
      'SRTP',
      {
        failure: 'no_common_codec',
        lines: instead(INVITE5, { ...INVITE5, sdp: sdp('192.0.2.1').replace('RTP/AVP', 'RTP/SAVP') }),
      },
      /^must_change offer: has RTP\/SAVP with PCMU/m,
    ],
    [
      'a recorder on leg 5',
      { lines: instead(INVITE5, { ...INVITE5, sdp: sdp('192.0.2.1', 'a=record:on\r\n') }) },
      /^must_change recorder: a=record:on on leg 5/m,
    ],
    [
      'a recorder on leg 7',
      {
        lines: WHOLE.map((line) =>
          line.leg === 7 && line.dir === 'in' && line.sdp
            ? { ...line, sdp: sdp('10.0.0.1', 'a=record:on\r\n') }
            : line,
        ),
      },
      /^pass recorder: a=record:on on leg 7/m,
    ],
    [
      'a slow answer to leg 7',
      { lines: WHOLE.map((line) => (line.at === 100 ? { ...line, at: 1_200 } : line)) },
      /^advice leg 7 answer time: 1190 ms/m,
    ],
    [
      'a 200 that is never acknowledged',
      { events: [], failure: 'leg5_ack_lost' },
      /^must_change media: the 200 on leg 5 was never acknowledged/m,
    ],
    [
      'media from elsewhere',
      { events: [], failure: 'no_media', leg6: { foreign_in: 200 } },
      /^must_change media: 200 packets came from an address/m,
    ],
    [
      'a leg 7 that nobody speaks on',
      { leg7: { packets_in: 0 } },
      /^must_change agent's audio: nothing came on leg 7/m,
    ],
    [
      'no keys',
      { events: READY.filter(([type]) => type !== 'field.progress') },
      /^not_seen keys: none was heard/m,
    ],
    [
      'two BYEs on leg 7',
      { lines: [...WHOLE, { dir: 'in', leg: 7, first: 'BYE sip:x@10.0.0.9 SIP/2.0', cseq: '3 BYE' }] },
      /^must_change BYE on leg 7: came twice/m,
    ],
    [
      'a BYE that crossed ours',
      { lines: [...WHOLE, { dir: 'in', first: 'BYE sip:x@10.0.0.9 SIP/2.0', cseq: '2 BYE' }] },
      /^advice BYE on leg 5: crossed ours/m,
    ],
    [
      'an INVITE that requires an extension',
      {
        lines: instead(INVITE5, { ...INVITE5, headers: ['Max-Forwards: 70', 'Require: 100rel', 'x: 1800'] }),
      },
      /^advice Require: INVITE 5 requires 100rel/m,
    ],
  ])('tell of %s', (_what, what, words) => expect(told(what)).toMatch(words));
});
