import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { answerOf } from '../scene/call-scene.ts';
import { mutator, SEED_MESSAGES } from './support/mutations.ts';
import { alarming, ProcessScene } from './support/process-scene.ts';
import { RawSip, statusOf } from './support/raw-sip.ts';

const HOST = '127.0.0.1';
const SIP_DATAGRAMS = 20_000;
/** After so many an OPTIONS must be answered: what went before it was read, not dropped by a full socket. */
const BETWEEN_OPTIONS = 100;
const TCP_CONNECTIONS = 60;
const RTP_DATAGRAMS = 2_000;
const HTTP_REQUESTS = 200;
/** The same storm every time: a failure can be repeated. */
const SEED = 20_261_122;

describe('a storm of garbage on every port', () => {
  it('leaves the process alive, and the call that is engaged undisturbed', async () => {
    await using scene = await ProcessScene.open();
    const { session, follower } = await scene.readySession();
    answerOf(await scene.client.collect(session.id, 'card_number'));
    const mutate = mutator(SEED);

    await sipDatagrams(scene, mutate);
    await scene.bothTalk();
    await tcpOctets(scene, mutate);
    await mediaDatagrams(scene, mutate);
    await brokenPhone(scene, mutate);
    await scene.bothTalk();
    await httpOctets(scene, mutate);

    expect(alarming(scene.sordino.output)).toEqual([]);
    const { status } = await fetch(`${scene.sordino.apiUrl}/healthz`);
    expect(status).toBe(200);
    // Everything still works: the key is heard, and the call goes back.
    expect(answerOf(await scene.client.read(session.id))).toMatchObject({
      status: 'collecting',
      topology: 'engaged',
    });
    await scene.world.customer.press('4', { how: 'events' });
    expect((await follower.until('field.progress')).data).toMatchObject({ length: 1 });
    answerOf(await scene.client.restore(session.id));
    await follower.until('session.restored');
    await scene.bothTalk();
    const { ends, leg7 } = await scene.world.platform.report();
    expect(ends.map(({ end }) => end.how)).toEqual(['bye', 'bye']);
    expect(Object.keys(leg7.byPayloadType)).toEqual(['0']);
  }, 120_000);
});

type Mutate = ReturnType<typeof mutator>;

async function sipDatagrams({ sipPort }: ProcessScene, mutate: Mutate): Promise<void> {
  using attacker = await RawSip.open(sipPort);
  const options = { method: 'OPTIONS', uri: `sip:${HOST}:${sipPort}` };
  for (let sent = 0; sent < SIP_DATAGRAMS; sent += 1) {
    await attacker.send(mutate(SEED_MESSAGES[sent % SEED_MESSAGES.length] ?? ''));
    if (sent % BETWEEN_OPTIONS === 0) expect(statusOf(await attacker.ask(options))).toBe(200);
  }
  expect(statusOf(await attacker.ask(options))).toBe(200);
}

/** Half of a message, two in one, noise: each connection ends with ours or with theirs. */
async function tcpOctets({ sordino }: ProcessScene, mutate: Mutate): Promise<void> {
  const port = Number(/tcp:[^ ]*:(\d+)/.exec(sordino.sip)?.[1]);
  for (let index = 0; index < TCP_CONNECTIONS; index += 1) {
    const octets = SEED_MESSAGES.map((message) => mutate(message));
    await spill(port, Buffer.concat(octets));
  }
}

/** To all four media ports of the call: noise, RTP of a stranger, RTCP cut short. */
async function mediaDatagrams(scene: ProcessScene, mutate: Mutate): Promise<void> {
  using attacker = await RawSip.open(scene.sipPort);
  const { sip } = await scene.world.platform.report();
  const ports = new Set(
    sip
      .filter(({ direction, flow }) => direction === 'in' && flow.remote.port === scene.sipPort)
      .flatMap(({ text }) => [...(/^m=audio (\d+)/gm.exec(text)?.slice(1) ?? [])].map(Number)),
  );
  expect(ports.size).toBe(2);
  const packets = [
    '80009c4000000140deadbeef',
    '80658000000001405eadbeef048a0320',
    '80c8000621d9',
    '81c90007',
    '',
  ].map((hex) => Buffer.concat([Buffer.from(hex, 'hex'), Buffer.alloc(160, 0x7f)]));
  for (let sent = 0; sent < RTP_DATAGRAMS; sent += 1) {
    const packet = packets[sent % packets.length] ?? Buffer.alloc(0);
    for (const port of ports) await attacker.send(mutate(packet), port + (sent % 2));
  }
}

/** From where the customer's media comes, under the customer's own SSRC: nothing of it is audio that was agreed on. */
async function brokenPhone({ world }: ProcessScene, mutate: Mutate): Promise<void> {
  const { rtp } = world.parts.customer;
  const ssrc = rtp.ssrc.toString(16).padStart(8, '0');
  const broken = [
    ...['', '80', '8000', '80000001000000', `0000000100000001${ssrc}`, `c000000100000001${ssrc}`],
    // Fifteen contributing sources, an extension of 65535 words, padding of 0 and of 255 octets: none of them fits.
    ...[`8f00000100000001${ssrc}`, `9000000100000001${ssrc}bedeffff`, `a000000100000001${ssrc}00`],
    ...[`a000000100000001${ssrc}7fff`, `804d000100000001${ssrc}7f7f7f7f`, `80f9ffff00000001${ssrc}e5000000`],
  ].map((hex) => Buffer.from(hex, 'hex'));
  for (let sent = 0; sent < RTP_DATAGRAMS; sent += 1) {
    const packet = broken[sent % broken.length] ?? Buffer.alloc(0);
    // The odd ones begin with no version that RTP ever had.
    await rtp.sendAsIs(sent % 2 === 0 ? packet : Buffer.concat([Buffer.of(0x3f), mutate(packet)]));
  }
}

async function httpOctets({ sordino }: ProcessScene, mutate: Mutate): Promise<void> {
  const { port } = new URL(sordino.apiUrl);
  const body =
    '{"call":{"platform":"plt_main","call_id":"x"},"intent":{"type":"charge","amount":1,"currency":"gbp"}}';
  const request = `POST /v1/sessions HTTP/1.1\r\nHost: ${HOST}\r\nAuthorization: Bearer ${sordino.apiKey}\r\nContent-Type: application/json\r\nIdempotency-Key: k\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  for (let index = 0; index < HTTP_REQUESTS; index += 1) await spill(Number(port), mutate(request));
  // Whole HTTP with a body that is wrong: said so, in our own words.
  for (const bad of [
    '{',
    '[]',
    'null',
    '"x"',
    '{"call":1}',
    `${'['.repeat(50_000)}`,
    '\u0000',
    body.replace('gbp', '💷'),
  ]) {
    const response = await fetch(`${sordino.apiUrl}/v1/sessions`, {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${sordino.apiKey}`,
        'Content-Type': 'application/json',
        'Idempotency-Key': crypto.randomUUID(),
      },
      body: bad,
    });
    expect([bad, response.status]).toEqual([bad, 400]);
    expect(await response.json()).toMatchObject({ error: { type: 'invalid_request_error' } });
  }
}

async function spill(port: number, octets: Uint8Array): Promise<void> {
  const socket = connect(port, HOST);
  socket.on('error', () => undefined);
  socket.resume();
  const closed = once(socket, 'close').catch(() => undefined);
  socket.write(octets, () => socket.destroySoon());
  await closed;
}
