import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CreateSessionBody, type EventEnvelope, SessionClient, type SessionObject } from '@sordino/core';
import { type SordinoProcess, startSordino } from '@sordino/sordino';
import {
  type DivertOutcome,
  type GatewaySimulator,
  hears,
  type LocalWorld,
  type PlatformBehaviour,
  SessionFollower,
  startGatewaySimulator,
  startLocalWorld,
} from '@sordino/testkit';
import { answerOf, aSessionBody } from '../../scene/call-scene.ts';
import { WireTap } from './wire-tap.ts';

/** A session, what its stream told, and how the platform's diversion went. */
export interface ProcessSession {
  readonly session: SessionObject;
  readonly follower: SessionFollower;
}

type Environment = Readonly<Record<string, string | undefined>>;

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** `sordino start` as a process of its own, and around it the simulated world with customer and agent in a call. */
export class ProcessScene implements AsyncDisposable {
  readonly world: LocalWorld;
  readonly gateway: GatewaySimulator;
  /** Configuration, journal and temporary files of the process: nobody else writes here. */
  readonly directory: string;
  readonly #environment: Environment;
  readonly #transport: 'udp' | 'tcp';
  readonly #takes: boolean;
  readonly #followers: SessionFollower[] = [];
  #sordino: SordinoProcess | undefined;
  #tap: WireTap | undefined;
  #correlations = 0;

  private constructor(
    world: LocalWorld,
    gateway: GatewaySimulator,
    directory: string,
    { environment, transport, takes }: { environment: Environment; transport: 'udp' | 'tcp'; takes: boolean },
  ) {
    this.world = world;
    this.gateway = gateway;
    this.directory = directory;
    this.#environment = environment;
    this.#transport = transport;
    this.#takes = takes;
  }

  /** `takes`: Sordino may take calls by INVITE with Replaces. */
  static async open(
    environment: Environment = {},
    transport: 'udp' | 'tcp' = 'udp',
    takes = false,
  ): Promise<ProcessScene> {
    const directory = await mkdtemp(join(tmpdir(), 'sordino-scene-'));
    const temporary = join(directory, 'tmp');
    await mkdir(temporary);
    const world = await startLocalWorld();
    const gateway = await startGatewaySimulator();
    const scene = new ProcessScene(world, gateway, directory, {
      environment: { TMPDIR: temporary, ...environment },
      transport,
      takes,
    });
    await scene.start();
    await world.customer.call();
    await world.platform.untilEstablished();
    return scene;
  }

  get sordino(): SordinoProcess {
    if (this.#sordino === undefined) throw new Error('Sordino was not started');
    return this.#sordino;
  }

  /** Between us and the API. */
  get tap(): WireTap {
    if (this.#tap === undefined) throw new Error('Sordino was not started');
    return this.#tap;
  }

  get client(): SessionClient {
    return new SessionClient({ baseUrl: this.tap.url, token: this.sordino.apiKey, pause });
  }

  /** UDP port of SIP. */
  get sipPort(): number {
    return Number(/udp:[^ ]*:(\d+)/.exec(this.sordino.sip)?.[1]);
  }

  /** Starts Sordino, once more where it has ended: with the journal of its last run. */
  async start(): Promise<void> {
    await this.#tap?.[Symbol.asyncDispose]();
    this.#sordino = await startSordino({
      returnUri: this.world.platform.returnUri[this.#transport],
      gatewayUrl: this.gateway.url,
      commit: 'after_leg7',
      leg5Media: 'customer',
      transport: this.#transport,
      ...(this.#takes && { refer: { form: 'replaces', targetUri: this.world.platform.uri } }),
      directory: this.directory,
      environment: this.#environment,
    });
    this.#tap = await WireTap.open(this.#sordino.apiUrl);
  }

  /** Of the service that its guardian started last, or for the `nth` time. */
  async servicePid(nth?: number): Promise<number> {
    const starts = this.sordino.output.filter((line) => line.includes('"sordino is ready"')).length;
    return (await this.sordino.untilReady(nth ?? starts)).pid;
  }

  async createSession(over: Partial<CreateSessionBody> = {}): Promise<ProcessSession> {
    const session = answerOf(await this.client.create(aSessionBody(over), randomUUID()));
    const follower = new SessionFollower(this.client, session.id, () => {});
    this.#followers.push(follower);
    return { session, follower };
  }

  divert({ rendezvous, id }: SessionObject, behaviour: PlatformBehaviour = {}): Promise<DivertOutcome> {
    if (rendezvous === null) throw new Error(`${id} has no rendezvous`);
    this.#correlations += 1;
    const correlation = `corr-${this.#correlations}`;
    return this.world.platform.divert({ sordino: rendezvous, offer: 'none', correlation, behaviour });
  }

  /** A session whose customer may key: engaged and ready. */
  async readySession(): Promise<ProcessSession> {
    const watched = await this.createSession();
    const diverted = this.divert(watched.session);
    await watched.follower.until('session.ready');
    await diverted;
    return watched;
  }

  /** Customer and agent hear each other, as they speak now. */
  async bothTalk(): Promise<void> {
    const { customer, agent } = this.world.parts;
    await Promise.all([hears(agent, customer), hears(customer, agent)]);
  }

  /** What every follower saw. */
  get events(): readonly EventEnvelope[] {
    return this.#followers.flatMap(({ events }) => events);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#followers.map((follower) => follower[Symbol.asyncDispose]()));
    await this.world.stop();
    await this.#sordino?.stop();
    await this.#tap?.[Symbol.asyncDispose]();
    await this.gateway.close();
    await rm(this.directory, { recursive: true, force: true });
  }
}

/** Lines that only a bug writes. */
export function alarming(output: readonly string[]): string[] {
  return output.filter((line) => /"level":"error"|"msg":"(uncaught|unhandled rejection)"|^\s+at /.test(line));
}
