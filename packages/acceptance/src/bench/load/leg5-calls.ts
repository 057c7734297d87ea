import type { Socket } from 'node:dgram';
import type { Manner, MannerOf } from './manners.ts';
import { answer, type Caller, callOf, copied, HOST, inDialog, invite, line, withInvite } from './messages.ts';

/** RFC 3261 §17: timers A and E start with this; a call that needs them is one too many on loopback. */
const T1_MS = 500;
/** T1 + 2*T1 + 4*T1: then the call is given up. */
const TRIES_MAX = 3;
/** INVITE to CANCEL, for calls that are canceled: leg 7 rings by then. */
const PATIENCE_MS = 100;

interface Call {
  readonly caller: Caller;
  readonly manner: Manner;
  readonly startedMs: number;
  stage: 'inviting' | 'canceling' | 'talking' | 'closing';
  /** What is repeated while nobody answers it. */
  pending: string;
  tries: number;
}

interface Due {
  readonly atMs: number;
  readonly index: number;
  readonly message: string;
}

/** The caller's half of the load: INVITE, ACK, hold, BYE, for each of its calls, or what its manner is. */
export class Leg5Calls {
  readonly setupMs: number[] = [];
  begun = 0;
  /** What the calls that failed got, and how many of them. */
  readonly problems = new Map<string, number>();
  retransmissions = 0;
  readonly #socket: Socket;
  readonly #sipPort: number;
  readonly #holdMs: number;
  readonly #mannerOf: MannerOf;
  readonly #calls = new Map<number, Call>();
  /** Each in order of time, since all of one kind wait equally long. */
  readonly #hangups: Due[] = [];
  readonly #cancels: Due[] = [];
  readonly #repeats: Due[] = [];
  readonly #onMessage = (octets: Buffer): void => this.#receive(octets.toString('latin1'));

  constructor(socket: Socket, sipPort: number, holdMs: number, mannerOf: MannerOf) {
    this.#socket = socket;
    this.#sipPort = sipPort;
    this.#holdMs = holdMs;
    this.#mannerOf = mannerOf;
    socket.on('message', this.#onMessage);
  }

  get open(): number {
    return this.#calls.size;
  }

  begin(token: string): void {
    numbers += 1;
    this.begun += 1;
    const caller = { index: numbers, token, port: this.#socket.address().port, sipPort: this.#sipPort };
    const call: Call = {
      ...{ caller, manner: this.#mannerOf(caller.index), startedMs: performance.now() },
      ...{ stage: 'inviting', pending: '', tries: 0 },
    };
    this.#calls.set(caller.index, call);
    if (call.manner === 'canceled') {
      const atMs = call.startedMs + PATIENCE_MS;
      this.#cancels.push({ atMs, index: caller.index, message: withInvite(caller, 'CANCEL') });
    }
    this.#ask(call, invite(caller));
  }

  /** Hangs up what has been held long enough, and repeats what was not answered. */
  tick(): void {
    const now = performance.now();
    for (const { call, message } of this.#due(this.#hangups, now)) {
      if (call.stage !== 'talking') continue;
      call.stage = 'closing';
      call.tries = 0;
      this.#ask(call, message);
    }
    for (const { call, message } of this.#due(this.#cancels, now)) {
      if (call.stage !== 'inviting') continue;
      call.stage = 'canceling';
      call.tries = 0;
      this.#ask(call, message);
    }
    for (const { call, message } of this.#due(this.#repeats, now)) {
      if (call.pending !== message) continue;
      this.retransmissions += 1;
      if (call.tries > TRIES_MAX) this.#over(call, `${call.stage}: no answer`);
      else this.#ask(call, message);
    }
  }

  close(): void {
    this.#socket.off('message', this.#onMessage);
  }

  *#due(queue: Due[], now: number): Iterable<{ call: Call; message: string }> {
    for (let due = queue[0]; due !== undefined && due.atMs <= now; due = queue[0]) {
      queue.shift();
      const call = this.#calls.get(due.index);
      if (call !== undefined) yield { call, message: due.message };
    }
  }

  #receive(message: string): void {
    const call = this.#calls.get(callOf(message));
    if (message.startsWith('BYE ')) {
      this.#send(answer('200 OK', copied(message)));
      if (call !== undefined) this.#released(call);
      return;
    }
    if (call === undefined) return;
    const status = Number(message.slice(8, 11));
    const cseq = line(message, 'CSeq');
    if (status < 200) {
      if (call.stage === 'inviting') call.pending = '';
    } else if (cseq === '2 BYE') this.#over(call, status === 200 ? undefined : `BYE: ${status}`);
    else if (cseq === '1 CANCEL') call.pending = '';
    else if (status > 299) this.#refused(call, status, message);
    else if (call.stage === 'inviting') this.#answered(call, message);
    else if (call.manner !== 'ack_lost') this.retransmissions += 1;
  }

  #answered(call: Call, message: string): void {
    this.setupMs.push(performance.now() - call.startedMs);
    call.stage = 'talking';
    call.pending = '';
    if (call.manner === 'ack_lost') return;
    const to = line(message, 'To');
    const target = line(message, 'Contact').replace(/^<|>.*$/g, '');
    this.#send(inDialog(call.caller, 'ACK', to, target));
    if (call.manner === 'agent_leaves') return;
    const bye = inDialog(call.caller, 'BYE', to, target);
    this.#hangups.push({ atMs: performance.now() + this.#holdMs, index: call.caller.index, message: bye });
  }

  #refused(call: Call, status: number, message: string): void {
    this.#send(withInvite(call.caller, 'ACK', line(message, 'To')));
    const wanted =
      call.manner === 'canceled'
        ? status === 487
        : call.manner === 'refused' || call.manner === 'unanswered'
          ? status >= 480
          : false;
    this.#over(call, wanted ? undefined : `INVITE: ${status} ${line(message, 'Reason')}`);
  }

  /** BYE on leg 5. */
  #released(call: Call): void {
    const wanted = call.manner === 'ack_lost' || call.manner === 'agent_leaves';
    this.#over(call, wanted ? undefined : `${call.stage}: BYE from the other side`);
  }

  #over(call: Call, problem: string | undefined): void {
    if (problem !== undefined) {
      const told = call.manner === 'plain' ? problem : `${call.manner}: ${problem}`;
      this.problems.set(told, (this.problems.get(told) ?? 0) + 1);
    }
    this.#calls.delete(call.caller.index);
  }

  #ask(call: Call, message: string): void {
    call.pending = message;
    call.tries += 1;
    this.#repeats.push({ atMs: performance.now() + T1_MS, index: call.caller.index, message });
    this.#send(message);
  }

  #send(message: string): void {
    this.#socket.send(message, this.#sipPort, HOST);
  }
}

/** Calls of this process so far: no two have the same number, whatever run they belong to. */
let numbers = 0;
