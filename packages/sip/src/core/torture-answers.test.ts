/**
 * RFC 4475 over sockets: each of the 49 messages gets the answer that it deserves, or the silence. Their files are read where
 * they are at hand; their like, written here, is in the second half.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { header, request, SDP } from './test-support/messages.ts';
import { hurrySipJs } from './test-support/quick-time.ts';
import type { RawUdpPeer } from './test-support/raw-peer.ts';
import { Notes, type Party, Scene, untilIdle } from './test-support/scene.ts';
import { TORTURE_ANSWERS } from './test-support/torture-answers.ts';
import { TORTURE_LIKE, type TortureLike } from './test-support/torture-like.ts';

const repository = join(dirname(fileURLToPath(import.meta.url)), '../../../..');
const folder = join(process.env.SORDINO_SHARED ?? join(repository, '../shared'), 'rfc4475');

/** Their Via names no port: answers go to 5060 of where they came from, so we send from a loopback address of our own. */
const SENDER = `127.45.${(process.pid >> 8) & 0xff}.${process.pid & 0xff}`;

const scene = new Scene();
let us: Party;
let overTcp: Party;
let raw: RawUdpPeer;
let pings = 0;

beforeAll(async () => {
  hurrySipJs();
  // The application is busy: each call that reaches it is refused at once.
  const onInvite: Parameters<Scene['party']>[1] = {
    onInvite: (leg) => {
      leg.reject(486);
      return { ended: () => {} };
    },
  };
  us = await scene.party('udp', onInvite);
  overTcp = await scene.party('tcp', onInvite);
  raw = await scene.rawUdp(us.port, SENDER, 5060);
});
afterAll(() => scene.close());

/** What it is answered with, but 100; after it an OPTIONS, so that silence can be told from an answer that takes its time. */
async function answersOverUdp(message: string | Uint8Array): Promise<(number | 'silence')[]> {
  const before = raw.received.length;
  const ping = nextPing('UDP');
  raw.send(message);
  raw.send(ping.text);
  await raw.next(ping.isAnswered);
  return answersAmong(raw.received.slice(before).filter((text) => !hasBeenSeen(text)));
}

/** The same on a connection of its own, which may also be closed instead of answering the OPTIONS. */
async function answersOverTcp(message: string | Uint8Array): Promise<(number | 'silence')[]> {
  const peer = await scene.rawTcp(overTcp.port);
  const ping = nextPing('TCP');
  peer.send(message);
  peer.send(ping.text);
  await Promise.race([peer.next(ping.isAnswered), peer.closed]);
  await peer.close();
  return answersAmong(peer.received);
}

function nextPing(transport: string): { text: string; isAnswered: (text: string) => boolean } {
  pings += 1;
  const callId = `ping${pings}`;
  const parts = { uri: 'sip:127.0.0.1', callId, transport, host: SENDER, port: 5060 };
  return { text: request('OPTIONS', parts), isAnswered: (text) => header(text, 'Call-ID') === callId };
}

function answersAmong(received: readonly string[]): (number | 'silence')[] {
  const answers = received
    .filter((text) => !header(text, 'Call-ID')?.startsWith('ping'))
    .map((text) => Number(text.slice(8, 11)))
    .filter((status) => status > 100);
  return answers.length === 0 ? ['silence'] : answers;
}

/** A refused INVITE is answered again and again, since nobody sends an ACK. */
const seen = new Set<string>();
function hasBeenSeen(text: string): boolean {
  const key = `${text.slice(0, 12)} ${header(text, 'Via')} ${header(text, 'Call-ID')} ${header(text, 'CSeq')}`;
  return seen.has(key) || !seen.add(key);
}

/** After all that: a call goes through, and nothing of the rest is left. */
async function expectHealth(): Promise<void> {
  expect([...us.log, ...overTcp.log].filter((line) => line.startsWith('error'))).toEqual([]);
  const them = await scene.party('udp');
  const notes = new Notes();
  const target = `sip:them@127.0.0.1:${them.port}`;
  const leg = us.sip.invite({ target, offer: SDP('us'), answerTimeoutMs: 30_000 }, notes.handlers);
  (await them.nextCall()).leg.accept(SDP('them'));
  await notes.next('answered');
  leg.hangup();
  expect((await notes.next('ended')).end).toMatchObject({ by: 'us', how: 'bye' });
  await untilIdle(us);
  await untilIdle(overTcp);
}

if (existsSync(folder)) {
  describe('RFC 4475', () => {
    /** Where a Via without rport names another port than ours, its answer would rightly go there (RFC 3261 §18.2.2). */
    const read = (name: string): Uint8Array =>
      Buffer.from(
        readFileSync(join(folder, `${name}.dat`), 'latin1').replace('.59:5050', '.59:5060'),
        'latin1',
      );

    it('all 49 messages have their answer in our table', () => {
      const files = readdirSync(folder).filter((file) => file.endsWith('.dat'));
      expect(files.map((file) => file.slice(0, -4)).sort()).toEqual(Object.keys(TORTURE_ANSWERS).sort());
    });

    it.each(Object.entries(TORTURE_ANSWERS))('%s over UDP', async (name, { section, answer, why }) => {
      expect([section, why, ...(await answersOverUdp(read(name)))]).toEqual([section, why, answer]);
    });

    it.each(Object.entries(TORTURE_ANSWERS).filter(([, { tcp }]) => tcp !== 'timeout'))(
      '%s over TCP',
      async (name, { section, answer, tcp = answer, why }) => {
        const [first] = await answersOverTcp(read(name));
        expect([section, why, first]).toEqual([section, why, tcp]);
      },
    );

    it('leaves us healthy', expectHealth);
  });
}

describe('what is like the torture messages', () => {
  const like = (message: TortureLike['message'], transport: string): string =>
    message(`SIP/2.0/${transport} ${SENDER};branch=z9hG4bKlike${pings}`, `like${pings}`);

  it.each(TORTURE_LIKE)('$what over UDP: $answer', async ({ message, answer }) => {
    expect(await answersOverUdp(like(message, 'UDP'))).toEqual([answer]);
  });

  it.each(TORTURE_LIKE)('$what over TCP: $answer', async ({ message, answer }) => {
    expect(await answersOverTcp(like(message, 'TCP'))).toEqual([answer]);
  });

  it('leaves us healthy', expectHealth);
});
