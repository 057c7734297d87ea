import { describe, expect, it, jest } from '@jest/globals';
import { RawSip } from '../process/support/raw-sip.ts';
import { HOST } from '../scene/call-scene.ts';
import { pressByInfo } from '../security/support/info-keypad.ts';
import { type CheckScene, checkSimulated, wordsOf } from './support/check-scene.ts';

/** Each check is a payment call with its hand-back, and some wait for a timer of ten seconds. */
jest.setTimeout(90_000);

describe('check-platform against a platform that does everything right', () => {
  it('finds nothing to change, and says what it saw', async () => {
    const report = await checkSimulated();
    expect(wordsOf(report, 'must_change')).toEqual([]);
    expect(report.ok).toBe(true);
    const passed = wordsOf(report, 'pass').join('\n');
    for (const words of [
      /^OPTIONS: answered 200 in [\d.]+ ms; Allow: INVITE/m,
      /^INVITE 5: came from 127\.0\.0\.1:\d+ over udp; the session was found by the token in the Request-URI$/m,
      /^correlation: leg 7 names the call by header$/m,
      /^offer: a-1: none in INVITE 5, the answer came in the ACK; PCMU$/m,
      /^telephone-event: is offered on leg 5$/m,
      /^leg 7: was taken before leg 5 was answered, in \d+ ms$/m,
      /^media: the customer is here/m,
      /^keys: 3 heard before #$/m,
      /^INFO: none came while keys were pressed$/m,
      /^restore: the customer was back \d+ ms after leg 5 was released/m,
      /^BYE on leg 7: came from the platform$/m,
    ]) {
      expect(passed).toMatch(words);
    }
    expect(wordsOf(report, 'ask')).toEqual([expect.stringMatching(/^recorder: which side/)]);
    expect(wordsOf(report, 'not_seen').map((words) => words.split(':')[0])).toEqual([
      'INVITE timer',
      'RTP-loss timer',
    ]);
    expect(report.ladders).toHaveLength(1);
    expect(report.ladders[0]).toMatch(/\(5\) INVITE/);
    expect(report.ladders[0]).toMatch(/\(7\) INVITE/);
  });

  it.each<[string, CheckScene]>([
    ['the customer’s own offer', { offer: 'customer' }],
    ['its own offer and a swap', { offer: 'platform', profile: { leg5_media: 'customer_after_reinvite' } }],
    ['a call that it is asked for by REFER', { refer: {} }],
    [
      'its answer to leg 7 after ours to leg 5',
      { profile: { commit: 'at_once' }, behaviour: { takesLeg7BeforeAnswer: false } },
    ],
  ])('takes %s for right where the profile says so', async (_what, scene) => {
    expect(wordsOf(await checkSimulated(scene), 'must_change')).toEqual([]);
  });

  it('takes the time for two more calls with --slow', async () => {
    const report = await checkSimulated({ slow: true, behaviours: { silent: { rtpTimeoutMs: 1_500 } } });
    expect(wordsOf(report, 'must_change')).toEqual([]);
    expect(wordsOf(report, 'pass')).toEqual(
      expect.arrayContaining([
        'INVITE timer: INVITE 5 waited 6 s for its answer',
        expect.stringMatching(/^RTP-loss timer: BYE came \d+ ms after our media stopped$/),
      ]),
    );
    expect(report.ladders).toHaveLength(3);
  });
});

const NO_HEADER = [['X-Return', '<sip:x@192.0.2.66>']] as const;

/** What is wrong with the platform or its profile, and the words that tell it. */
const WRONG: readonly (readonly [what: string, scene: CheckScene, words: RegExp])[] = [
  [
    'is not there',
    { profile: { return_uri: `sip:x@${HOST}:9` }, handOver: () => undefined, patience: { divertMs: 1_000 } },
    /^OPTIONS: sip:x@127\.0\.0\.1:9 does not answer/m,
  ],
  [
    'diverts nothing',
    { handOver: () => undefined, patience: { divertMs: 1_000 } },
    /^INVITE 5: no INVITE came for sip:tok_/m,
  ],
  [
    'loses the token',
    {
      handOver: (rendezvous) => ({
        ...rendezvous,
        sip_uri: rendezvous.sip_uri.replace(/tok_\w+/, 'payments'),
      }),
      patience: { divertMs: 4_000 },
    },
    /^INVITE 5: an INVITE came from 127\.0\.0\.1:\d+ for sip:payments@.*no token was left in it/m,
  ],
  [
    'calls from an address that nobody allowed',
    { profile: { allow: ['192.0.2.1'] }, patience: { divertMs: 4_000 } },
    /^INVITE 5: .*Sordino took no call from that address: add it to platforms\[\]\.allow/m,
  ],
  [
    'lacks a correlation header',
    { profile: { correlation_headers: ['X-Sim-Call', 'X-Missing'] } },
    /^correlation: X-Missing is configured/m,
  ],
  [
    'names an unknown return address',
    { profile: { return_header: 'X-Return' }, behaviour: { leg5Headers: NO_HEADER } },
    /^return address: INVITE 5 names a host/m,
  ],
  [
    'offers no codec of ours',
    { offer: 'customer', profile: { codecs: ['PCMA'] } },
    /^offer: has RTP\/AVP with PCMU: offer one of PCMA/m,
  ],
  ['refuses REFER', { refer: { refusesRefer: 403 } }, /^REFER: was refused with 403: allow REFER/m],
  [
    'takes REFER and never tells',
    { refer: { neverNotifies: true } },
    /^REFER: was taken, and no NOTIFY came/m,
  ],
  [
    'refuses leg 7',
    { behaviour: { refusesLeg7: 404 } },
    /^leg 7: INVITE 7 was refused with 404: it did not find its call/m,
  ],
  [
    'waits for our answer before it takes leg 7',
    { behaviour: { takesLeg7BeforeAnswer: false } },
    /^leg 7: .*had no answer in 2000 ms: .*set commit to at_once/m,
  ],
  [
    'never moves the customer',
    { behaviour: { neverMovesCustomer: true } },
    /^media: no media of the customer came/m,
  ],
  [
    'never swaps, where the profile waits for it',
    {
      offer: 'platform',
      profile: { leg5_media: 'customer_after_reinvite' },
      behaviour: { neverMovesCustomer: true },
    },
    /^leg5_media: is customer_after_reinvite, and no re-INVITE/m,
  ],
  [
    'swaps, where the profile knows nothing of it',
    { offer: 'platform' },
    /^leg5_media: is customer, and a later re-INVITE/m,
  ],
  [
    'never takes the customer back',
    {
      profile: {
        timers: {
          leg7_answer_ms: 2_000,
          first_media_ms: 5_000,
          stalled_media_ms: 5_000,
          take_back_ms: 2_000,
        },
      },
      behaviour: { neverTakesCustomerBack: true },
    },
    /^restore: 2 s after our BYE on leg 5 the customer still was with us/m,
  ],
  ['leaves leg 7 up', { behaviour: { neverEndsLeg7: true } }, /^BYE on leg 7: did not come in 5 s/m],
];

describe('check-platform against a platform that', () => {
  it.each(WRONG)('%s says so, and what to change', async (_what, scene, words) => {
    const report = await checkSimulated(scene);
    expect(wordsOf(report, 'must_change').join('\n')).toMatch(words);
    expect(report.ok).toBe(false);
  });

  it('sends keys by INFO says so', async () => {
    const report = await checkSimulated({
      pressKeys: async ({ parts }) => {
        const { platform } = parts;
        const dialog = platform.call.diversion.leg5?.dialog;
        if (dialog === undefined) throw new Error('leg 5 is not up');
        const trace = platform.report().sip;
        const port = trace.find(({ text }) => text.includes('INVITE sip:tok_'))?.flow.remote.port ?? 0;
        using sip = await RawSip.open(port);
        await pressByInfo({ sip, dialog, trace }, '123#');
      },
    });
    expect(wordsOf(report, 'must_change')).toEqual([expect.stringMatching(/^INFO: came on leg 5: /)]);
  });

  it('gives INVITE 5 up too early, and has no RTP timeout, says so', async () => {
    const report = await checkSimulated({ slow: true, behaviours: { held: { cancelsLeg5AfterMs: 1_000 } } });
    expect(wordsOf(report, 'must_change')).toEqual([
      expect.stringMatching(/^INVITE timer: INVITE 5 was canceled after \d+ ms: let it wait 5 s at least$/),
    ]);
    expect(wordsOf(report, 'advice').join('\n')).toMatch(/^RTP-loss timer: 4 s without media and no BYE/m);
  });
});
