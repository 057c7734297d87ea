import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from '@jest/globals';
import { RtcpPacketConverter, RtcpRrPacket, RtcpSenderInfo, RtcpSrPacket } from 'werift-rtp';
import { TestCall } from './test-support/call.ts';
import { TestPhone } from './test-support/phone.ts';
import {
  bridgeRequest,
  Ear,
  makeVault,
  openBridgeIn,
  recordingLog,
  testRelay,
} from './test-support/scene.ts';
import type { FromWorker, WorkerSettings } from './worker/protocol.ts';
import { workerFile } from './worker-file.ts';

describe('RTCP of a bridge', () => {
  it('reports to each peer what we sent and what we received, under one random name', async () => {
    await using call = await TestCall.connected({ relay: { rtcpIntervalMs: 200 } });
    const sent = new RtcpSrPacket({
      ssrc: call.customer.ssrc,
      senderInfo: new RtcpSenderInfo({
        ntpTimestamp: 0x1122_3344_5566_7788n,
        rtpTimestamp: 1,
        packetCount: 1,
        octetCount: 160,
      }),
      reports: [],
    }).serialize();
    const talking = Promise.all([
      call.customer.talk(call.bridge.customer.rtp, 40),
      call.agent.talk(call.bridge.clean.rtp, 40),
    ]);
    await call.ear.heard('started customer');
    call.customer.sendRtcp(call.bridge.customer.rtcp, sent);
    const answered = (): RtcpSrPacket | undefined =>
      call.customer.heardRtcp
        .map((compound) => RtcpPacketConverter.deSerialize(compound)[0])
        .find(
          (report): report is RtcpSrPacket =>
            report instanceof RtcpSrPacket && report.reports[0]?.lsr === 0x3344_5566,
        );
    await call.customer.until(() => answered() !== undefined);
    await call.agent.until(() => call.agent.heardRtcp.length >= 1);
    await talking;
    expect(answered()?.ssrc).toBe(call.customer.heard[0]?.packet.header.ssrc);
    expect(answered()?.reports[0]).toMatchObject({ ssrc: call.customer.ssrc, packetsLost: 0 });
    const [toAgent] = RtcpPacketConverter.deSerialize(call.agent.heardRtcp[0] ?? Buffer.alloc(0));
    if (!(toAgent instanceof RtcpSrPacket) && !(toAgent instanceof RtcpRrPacket))
      throw new Error('no report');
    expect(toAgent.ssrc).toBe(call.agent.heard[0]?.packet.header.ssrc);
    expect(toAgent.reports.map(({ ssrc }) => ssrc)).not.toContain(call.customer.ssrc);
  });
});

describe('closing a bridge', () => {
  it('says BYE to both, stops the audio, frees the ports, and may be repeated', async () => {
    await using call = await TestCall.connected();
    await Promise.all([
      call.customer.talk(call.bridge.customer.rtp, 5),
      call.agent.talk(call.bridge.clean.rtp, 5),
    ]);
    await call.customer.until(() => call.customer.heard.length === 5);
    const figures = await call.bridge.close();
    expect(await call.bridge.close()).toEqual(figures);
    expect(await call.bridge.figures()).toEqual(figures);
    for (const phone of [call.customer, call.agent]) {
      await phone.until(() => phone.heardRtcp.some(endsWithBye));
    }
    for (const { port } of [
      call.bridge.customer.rtp,
      call.bridge.customer.rtcp,
      call.bridge.clean.rtp,
      call.bridge.clean.rtcp,
    ]) {
      const socket = createSocket('udp4').bind(port, '127.0.0.1');
      await once(socket, 'listening');
      socket.close();
      await once(socket, 'close');
    }
    call.bridge.setPeer('clean', call.agent.describe());
    call.bridge.setCollecting(true);
    expect((await call.relay.stats()).workers[0]?.bridges).toBe(0);
    expect(call.ear.told).not.toContain('worker lost');
  });
});

describe('a relay that cannot take a call', () => {
  it('says no_ports when the range is used up, and takes it when a bridge has closed', async () => {
    const probe = await testRelay();
    const free = (await openBridgeIn(probe)).bridge;
    await probe.close();
    const min = Math.min(free.customer.rtp.port, free.clean.rtp.port);
    await using relay = await testRelay({ ports: { min, max: min + 3 } });
    const first = await relay.open(bridgeRequest(await makeVault()), new Ear());
    // The system may have handed one of the four ports to somebody else meanwhile.
    const second = await relay.open(bridgeRequest(await makeVault()), new Ear());
    expect(second).toEqual({ ok: false, problem: 'no_ports' });
    if (first.ok) {
      await first.value.close();
      const third = await relay.open(bridgeRequest(await makeVault()), new Ear());
      expect(third.ok).toBe(true);
    }
    await relay.close();
  });

  it('says draining once it drains, and lets the open calls go on', async () => {
    await using call = await TestCall.connected();
    call.relay.drain();
    expect(await call.relay.open(bridgeRequest(call.vault), new Ear())).toEqual({
      ok: false,
      problem: 'draining',
    });
    await call.agent.talk(call.bridge.clean.rtp, 3);
    await call.customer.until(() => call.customer.audioHeard().length === 3);
    expect((await call.relay.stats()).isDraining).toBe(true);
  });

  it('refuses a public key that is none', async () => {
    await using call = await TestCall.open();
    const request = bridgeRequest(call.vault, { sealTo: new Uint8Array(31) });
    await expect(call.relay.open(request, new Ear())).rejects.toThrow(/sealTo has 31 bytes/);
  });
});

describe('a worker that dies', () => {
  it('is told once to each of its bridges, closes their sockets, and is replaced for new calls', async () => {
    const lines: string[] = [];
    await using call = await TestCall.connected({ relay: { log: recordingLog(lines) } });
    const other = await openBridgeIn(call.relay, { firstKeySeq: 3 });
    await call.agent.talk(call.bridge.clean.rtp, 3);
    const pending = call.bridge.figures();
    expect(await call.relay.loseWorkerOf('ses_unknown' as never)).toBe(false);
    expect(await call.relay.loseWorkerOf('ses_0000000000000000000000test' as never)).toBe(true);
    await call.ear.heard('worker lost');
    await other.ear.heard('worker lost');
    await pending;

    const { port } = call.bridge.customer.rtp;
    const socket = createSocket('udp4').bind(port, '127.0.0.1');
    await once(socket, 'listening');
    socket.close();

    // What the owner of a lost bridge may still do: nothing of it throws or is heard of again.
    call.bridge.setPeer('clean', call.agent.describe());
    call.bridge.sealInfoKey(new Uint8Array(256), 0);
    expect((await call.bridge.close()).keysSealed).toBe(0);
    expect(call.ear.told.filter((event) => event === 'worker lost')).toHaveLength(1);
    expect(lines.join()).toMatch(/error a relay worker ended .*"bridges":2/);

    const customer = await TestPhone.open();
    const reopened = await openWhenReady(call);
    reopened.bridge.setPeer('customer', customer.describe());
    customer.send(reopened.bridge.customer.rtp, new Uint8Array(160));
    await reopened.ear.heard('started customer');
    await customer.close();
    expect((await call.relay.stats()).workers[0]).toMatchObject({ isAlive: true, restarts: 1, bridges: 1 });
  });

  it('leaves the other workers alone', async () => {
    await using relay = await testRelay({ workers: 2 });
    const sessions = ['ses_one', 'ses_two'] as const;
    const one = await openBridgeIn(relay, { session: sessions[0] as never });
    const two = await openBridgeIn(relay, { session: sessions[1] as never });
    expect((await relay.stats()).workers.map(({ bridges }) => bridges)).toEqual([1, 1]);
    await relay.loseWorkerOf(sessions[0] as never);
    await one.ear.heard('worker lost');
    expect((await two.bridge.figures()).customer.packets_in).toBe(0);
    expect(two.ear.told).toEqual([]);
    await relay.close();
    expect(two.ear.told).toEqual([]);
  });
});

describe('a worker that hears nonsense', () => {
  it('answers what has an id, counts all of it, and goes on working', async () => {
    const settings: WorkerSettings = {
      host: '127.0.0.1',
      advertisedHost: '127.0.0.1',
      ports: { min: 0, max: 0 },
      lookbackMs: 30,
      bridgesMax: 1,
      rtcpIntervalMs: 5_000,
      addon: null,
      prompts: new Map(),
      rehearsals: false,
    };
    const worker = new Worker(workerFile(), { workerData: settings, execArgv: [], env: {} });
    const answers: FromWorker[] = [];
    const answer = async (message: unknown): Promise<FromWorker> => {
      worker.postMessage(message);
      const [received] = (await once(worker, 'message')) as [FromWorker];
      answers.push(received);
      return received;
    };
    expect(await once(worker, 'message')).toEqual([{ type: 'ready' }]);
    for (const nonsense of [null, 7, 'open', [], {}, { type: 'open' }, { id: 'x' }])
      worker.postMessage(nonsense);
    expect(await answer({ id: 1, type: 'unmask', bridge: 0 })).toMatchObject({
      type: 'error',
      id: 1,
      code: 'bad_request',
    });
    expect(await answer({ id: 2, type: 'close', bridge: 99 })).toMatchObject({
      type: 'error',
      id: 2,
      code: 'no_bridge',
    });
    const vault = await makeVault();
    const open = {
      ...bridgeRequest(vault),
      type: 'open',
      bridge: 0,
      sealTo: Uint8Array.from(vault.publicKey),
    };
    expect(await answer({ ...open, id: 3 })).toMatchObject({ type: 'ok', id: 3, value: { type: 'opened' } });
    expect(await answer({ ...open, bridge: 1, id: 4 })).toMatchObject({
      type: 'error',
      id: 4,
      code: 'overloaded',
    });
    expect(await answer({ id: 5, type: 'stats' })).toMatchObject({
      value: { stats: { bridges: 1, badRequests: 8 } },
    });
    await worker.terminate();
  });
});

/** The new worker needs a moment to start; until then calls are refused. */
async function openWhenReady(call: TestCall): ReturnType<typeof openBridgeIn> {
  for (;;) {
    const isAlive = (await call.relay.stats()).workers.every((worker) => worker.isAlive);
    if (isAlive) return openBridgeIn(call.relay);
  }
}

function endsWithBye(compound: Buffer): boolean {
  return compound.length >= 8 && compound.readUInt8(compound.length - 7) === 203;
}
