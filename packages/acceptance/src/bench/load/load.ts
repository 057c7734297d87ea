import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { System } from '../system.ts';
import { Leg5Calls } from './leg5-calls.ts';
import { Leg7Calls } from './leg7-calls.ts';
import { allPlain, type MannerOf } from './manners.ts';
import { HOST } from './messages.ts';

export interface LoadPlan {
  readonly ratePerS: number;
  readonly calls: number;
  /** From ACK to BYE on leg 5. */
  readonly holdMs: number;
  /** Absent: all plain. */
  readonly mannerOf?: MannerOf;
  /** After the last INVITE; absent: longer than the longest series of repetitions that still ends well. */
  readonly lastCallMs?: number;
}

/** A run as far as it is now. */
export interface LoadProgress {
  readonly begun: number;
  readonly failed: number;
  readonly problems: ReadonlyMap<string, number>;
}

export interface LoadResult {
  readonly calls: number;
  /** Calls that were begun in a second: less than the plan's where the system had no room for more. */
  readonly offeredPerS: number;
  readonly failed: number;
  /** In words, with how often. */
  readonly problems: ReadonlyMap<string, number>;
  /** Messages that either side sent more than once. */
  readonly retransmissions: number;
  /** INVITE 5 to its 200, in ms, sorted. */
  readonly setupMs: readonly number[];
}

const TICK_MS = 4;
/** Tokens are asked for so far ahead. */
const TOKENS_AHEAD_MS = 60;
const LAST_CALL_MS = 6_000;
/** A burst must not be lost in our own socket. */
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;

/**
 * The platform, as load: begins calls on leg 5 at a fixed rate whatever the system does (open loop), takes leg 7, hangs up on
 * leg 5, and wants BYE on leg 7.
 */
export class Load implements AsyncDisposable {
  readonly #leg5: Socket;
  readonly #leg7: Socket;

  private constructor(leg5: Socket, leg7: Socket) {
    this.#leg5 = leg5;
    this.#leg7 = leg7;
  }

  static async open(): Promise<Load> {
    return new Load(await openSocket(), await openSocket());
  }

  /** Where leg 7 is to go. */
  get returnUri(): string {
    return `sip:agent@${HOST}:${this.#leg7.address().port}`;
  }

  async run(
    system: System,
    plan: LoadPlan,
    progress: (now: LoadProgress) => void = () => {},
  ): Promise<LoadResult> {
    const { mannerOf = allPlain, lastCallMs = LAST_CALL_MS } = plan;
    const leg5 = new Leg5Calls(this.#leg5, system.sipPort, plan.holdMs, mannerOf);
    const leg7 = new Leg7Calls(this.#leg7, system.sipPort, mannerOf);
    const tokens: string[] = [];
    let asked = 0;
    const fetchTokens = (now: number): void => {
      const ahead = Math.ceil((now + TOKENS_AHEAD_MS) * (plan.ratePerS / 1_000));
      const wanted = Math.min(plan.calls, ahead) - leg5.begun - asked - tokens.length;
      // Many at a time: each question costs the system under test as much as half a message, and that is not its own work.
      const few = Math.min(
        (TOKENS_AHEAD_MS / 2) * (plan.ratePerS / 1_000),
        plan.calls - leg5.begun - tokens.length,
      );
      if (wanted < Math.max(1, few) || asked > 0) return;
      asked = wanted;
      void system.tokens(wanted).then((fresh) => {
        asked = 0;
        tokens.push(...fresh);
      });
    };

    const startMs = performance.now();
    let lastBegunMs = 0;
    let lastMs = 0;
    while (leg5.begun < plan.calls || leg5.open + leg7.open > 0) {
      const elapsedMs = performance.now() - startMs;
      fetchTokens(elapsedMs);
      const due = Math.min(plan.calls, Math.floor((elapsedMs * plan.ratePerS) / 1_000));
      while (leg5.begun < due) {
        const token = tokens.shift();
        if (token === undefined) break;
        leg5.begin(token);
        lastBegunMs = elapsedMs;
      }
      leg5.tick();
      if (leg5.begun < plan.calls) lastMs = elapsedMs;
      else if (elapsedMs - lastMs > lastCallMs) break;
      progress({ begun: leg5.begun, failed: sum(leg5.problems.values()), problems: leg5.problems });
      await new Promise((resolve) => setTimeout(resolve, TICK_MS));
    }
    leg5.close();
    leg7.close();
    const problems = new Map(leg5.problems);
    if (leg5.open > 0) problems.set('leg 5 left open', leg5.open);
    if (leg7.open > 0) problems.set('leg 7 left open', leg7.open);
    return {
      calls: leg5.begun,
      offeredPerS: leg5.begun / (lastBegunMs / 1_000),
      failed: Math.min(leg5.begun, sum(problems.values())),
      problems,
      retransmissions: leg5.retransmissions + leg7.retransmissions,
      setupMs: leg5.setupMs.sort((a, b) => a - b),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of [this.#leg5, this.#leg7]) socket.close();
  }
}

const sum = (counts: Iterable<number>): number => [...counts].reduce((all, count) => all + count, 0);

async function openSocket(): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.bind(0, HOST);
  await once(socket, 'listening');
  socket.setRecvBufferSize(RECEIVE_BUFFER_BYTES);
  return socket;
}
