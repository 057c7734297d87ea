import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { SessionClient, type SessionObject } from '@sordino/core';
import { TestAuthority } from '@sordino/sip/testing';
import { type SordinoProcess, startSordino } from '@sordino/sordino';
import { RtpPhone, SessionFollower, speechLike, until } from '@sordino/testkit';
import { alarming, pause } from '../process/support/process-scene.ts';
import { answerOf, aSessionBody } from '../scene/call-scene.ts';
import { freePort, HOST, runSipp, type Sipp, type Transport } from './support/run-sipp.ts';
import { talk, tell, tokenOf } from './support/sipp-call.ts';
import { type Tunnel, tunnelToSipp, tunnelToSordino } from './support/tls-tunnel.ts';

/**
 * A second opinion on our SIP: SIPp plays the platform's legs 5 and 7 from scenarios that share no code with us, against `sordino start`.
 * What customer and agent say comes from two phones of the simulated world, behind the addresses in SIPp's session descriptions.
 */

let directory: string;
let authority: TestAuthority;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sordino-sipp-'));
  authority = await TestAuthority.make();
});
afterAll(async () => {
  authority.remove();
  await rm(directory, { recursive: true, force: true });
});

describe.each<Transport>(['udp', 'tcp', 'tls'])('SIPp plays the platform over %s', (transport) => {
  let leg5Port: number;
  let leg7Port: number;
  /** Where leg 7 comes in: SIPp itself, or the tunnel in front of it. */
  let returnPort: number;
  const tunnels: Tunnel[] = [];
  let sordino: SordinoProcess;
  let client: SessionClient;
  let customer: RtpPhone;
  let agent: RtpPhone;

  beforeAll(async () => {
    leg5Port = await freePort();
    leg7Port = await freePort();
    const isTls = transport === 'tls';
    returnPort = isTls ? kept(await tunnelToSipp(authority, leg7Port)).port : leg7Port;
    sordino = await startSordino({
      returnUri: `sip:platform@${HOST}:${returnPort};transport=${transport}`,
      gatewayUrl: `http://${HOST}:9`,
      commit: 'after_leg7',
      leg5Media: 'customer',
      ...(isTls ? { transport: 'tcp', sip: await secure() } : { transport }),
    });
    client = new SessionClient({ baseUrl: sordino.apiUrl, token: sordino.apiKey, pause });
  }, 60_000);
  afterAll(async () => {
    expect(await sordino.stop()).toBe(0);
    expect(alarming(sordino.output)).toEqual([]);
    for (const tunnel of tunnels) tunnel[Symbol.dispose]();
  });

  function kept(tunnel: Tunnel): Tunnel {
    tunnels.push(tunnel);
    return tunnel;
  }

  async function secure(): Promise<object> {
    const { certFile, keyFile } = await authority.issue({ names: [`ip:${HOST}`] });
    const listen = { protocol: 'tls', host: HOST, port: 0, tls: { cert_file: certFile, key_file: keyFile } };
    return { listen: [listen], tls_client: { ca_file: authority.caFile } };
  }

  beforeEach(async () => {
    const phone = { host: HOST, codec: 'PCMU', eventPayloadType: 101 } as const;
    customer = await RtpPhone.open({ ...phone, talker: speechLike(4) });
    agent = await RtpPhone.open({ ...phone, talker: speechLike(7) });
  });
  afterEach(() => {
    customer.close();
    agent.close();
  });

  async function leg5(scenario: string, service?: string): Promise<Sipp> {
    const sordinoPort = Number(new RegExp(`${transport}:[^ ]*:(\\d+)`).exec(sordino.sip)?.[1]);
    const common = {
      ...{ scenario, transport, directory, port: leg5Port, keys: { customer_port: customer.rtp.port } },
      ...(service === undefined ? {} : { service }),
    };
    if (transport !== 'tls') return runSipp({ ...common, remotePort: sordinoPort });
    // Sordino sees the tunnel, and answers it: a port of its own for each call, since the last one still rests.
    const contactPort = await freePort();
    const tunnel = kept(await tunnelToSordino(authority, sordinoPort, contactPort));
    return runSipp({ ...common, contactPort, remotePort: tunnel.port });
  }
  const leg7 = (scenario: string): Promise<Sipp> =>
    runSipp({
      ...{ scenario, transport, directory, port: leg7Port, contactPort: returnPort },
      keys: { agent_port: agent.rtp.port },
    });

  async function create(): Promise<SessionObject> {
    const call = { platform: 'plt_main', call_id: randomUUID() };
    return answerOf(await client.create(aSessionBody({ call }), randomUUID()));
  }

  async function untilSession(
    { id }: SessionObject,
    holds: (now: SessionObject) => boolean,
  ): Promise<SessionObject> {
    const read = async (): Promise<SessionObject> => answerOf(await client.read(id));
    await until('the session says how it ended', async () => holds(await read()));
    return read();
  }

  it.each([
    ['a-1: no offer in the INVITE', 'leg5-delayed-offer'],
    ['a-2: the offer of the customer', 'leg5-customer-offer'],
  ])(
    '%s: ready, a key is heard, restored',
    async (_shape, scenario) => {
      const session = await create();
      // Over TCP only Sordino knows the connection of leg 7, and closes it when the customer has gone.
      const platformCloses = transport === 'udp';
      const seven = await leg7(platformCloses ? 'leg7-closes' : 'leg7');
      const five = await leg5(scenario, tokenOf(session));
      await using follower = new SessionFollower(client, session.id, () => {});
      await talk([customer, five], [agent, seven]);
      await follower.until('session.ready');
      answerOf(await client.collect(session.id, 'card_number'));
      await customer.press('4', { how: 'events' });
      expect((await follower.until('field.progress')).data).toMatchObject({ length: 1 });

      answerOf(await client.restore(session.id));
      expect(await five.verdict).toBe(0);
      customer.stopTalking();
      if (platformCloses) await tell(leg7Port, await seven.messages());
      await follower.until('session.restored');
      expect(await seven.verdict).toBe(0);
      expect(agent.heard.malformed).toBe(0);
      expect(new Set(agent.heard.packets.map(({ payloadType }) => payloadType))).toEqual(new Set([0]));
    },
    60_000,
  );

  it('an unknown token: 404 with a Reason', async () => {
    expect(await (await leg5('leg5-unknown-token')).verdict).toBe(0);
  }, 60_000);

  it('OPTIONS: 200 and what is allowed', async () => {
    expect(await (await leg5('options')).verdict).toBe(0);
  }, 60_000);

  it('CANCEL while leg 7 rings: 200 and 487, and leg 7 is canceled', async () => {
    const session = await create();
    const seven = await leg7('leg7-rings');
    const five = await leg5('leg5-canceled', tokenOf(session));
    expect([await five.verdict, await seven.verdict]).toEqual([0, 0]);
    await untilSession(session, ({ status, topology }) => status === 'canceled' && topology === 'original');
  }, 60_000);

  it('a reliable 180 on leg 7; hold by re-INVITE, UPDATE, refresh and OPTIONS on leg 5', async () => {
    const session = await create();
    const seven = await leg7('leg7-reliable');
    const five = await leg5('leg5-changes', tokenOf(session));
    expect([await five.verdict, await seven.verdict]).toEqual([0, 0]);
  }, 60_000);

  if (transport === 'udp')
    it('a customer who hangs up: BYE on leg 5, then ours on leg 7', async () => {
      const session = await create();
      const seven = await leg7('leg7');
      const five = await leg5('leg5-hangs-up', tokenOf(session));
      await using follower = new SessionFollower(client, session.id, () => {});
      await talk([customer, five], [agent, seven]);
      await follower.until('session.ready');
      customer.stopTalking();
      await tell(leg5Port, await five.messages());
      expect([await five.verdict, await seven.verdict]).toEqual([0, 0]);
      await untilSession(session, ({ topology }) => topology === 'lost');
    }, 60_000);
});
