import type { Socket } from 'node:dgram';
import { type Caller, callOf, HOST, inDialog, invite, line } from './messages.ts';

/** RFC 3261 §17: timers A and E start with this; a call that needs them is one too many on loopback. */
const T1_MS = 500;
/** T1 + 2*T1 + 4*T1: then the call is given up. */
const TRIES_MAX = 3;

interface Call {
  readonly caller: Caller;
  readonly startedMs: number;
  stage: 'inviting' | 'talking' | 'closing';
  /** What is repeated while nobody answers it. */
  pending: string;
  tries: number;
}

interface Due {
  readonly atMs: number;
  readonly index: number;
  readonly pending: string;
}

/** The caller's half of the load: INVITE, ACK, hold, BYE, for each of its calls. */
export class Leg5Calls {
  readonly setupMs: number[] = [];
  begun = 0;
  /** What the calls that failed got, and how many of them. */
  readonly problems = new Map<string, number>();
  retransmissions = 0;
  readonly #socket: Socket;
  readonly #sipPort: number;
  readonly #holdMs: number;
  readonly #calls = new Map<number, Call>();
  /** In order of time, since each waits equally long. */
  readonly #hangups: { readonly atMs: number; readonly index: number; readonly bye: string }[] = [];
  readonly #repeats: Due[] = [];
  readonly #onMessage = (octets: Buffer): void => this.#receive(octets.toString('latin1'));

  constructor(socket: Socket, sipPort: number, holdMs: number) {
    this.#socket = socket;
    this.#sipPort = sipPort;
    this.#holdMs = holdMs;
    socket.on('message', this.#onMessage);
  }

  get open(): number {
    return this.#calls.size;
  }

  begin(token: string): void {
    numbers += 1;
    this.begun += 1;
    const caller = { index: numbers, token, port: this.#socket.address().port, sipPort: this.#sipPort };
    const call: Call = { caller, startedMs: performance.now(), stage: 'inviting', pending: '', tries: 0 };
    this.#calls.set(caller.index, call);
    this.#ask(call, invite(caller));
  }

  /** Hangs up what has been held long enough, and repeats what was not answered. */
  tick(): void {
    const now = performance.now();
    for (let due = this.#hangups[0]; due !== undefined && due.atMs <= now; due = this.#hangups[0]) {
      this.#hangups.shift();
      const call = this.#calls.get(due.index);
      if (call?.stage !== 'talking') continue;
      call.stage = 'closing';
      call.tries = 0;
      this.#ask(call, due.bye);
    }
    for (let due = this.#repeats[0]; due !== undefined && due.atMs <= now; due = this.#repeats[0]) {
      this.#repeats.shift();
      const call = this.#calls.get(due.index);
      if (call === undefined || call.pending !== due.pending) continue;
      this.retransmissions += 1;
      if (call.tries > TRIES_MAX) this.#over(call, `${call.stage}: no answer`);
      else this.#ask(call, call.pending);
    }
  }

  close(): void {
    this.#socket.off('message', this.#onMessage);
  }

  #receive(message: string): void {
    const call = this.#calls.get(callOf(message));
    const status = Number(message.slice(8, 11));
    if (call === undefined || Number.isNaN(status)) return;
    if (status < 200) {
      if (call.stage === 'inviting') call.pending = '';
      return;
    }
    if (line(message, 'CSeq') === '2 BYE') this.#over(call, status === 200 ? undefined : `BYE: ${status}`);
    else if (call.stage !== 'inviting') this.retransmissions += 1;
    else if (status === 200) this.#answered(call, message);
    else this.#over(call, `INVITE: ${status} ${line(message, 'Reason')}`);
  }

  #answered(call: Call, message: string): void {
    this.setupMs.push(performance.now() - call.startedMs);
    call.stage = 'talking';
    call.pending = '';
    const to = line(message, 'To');
    const target = line(message, 'Contact').replace(/^<|>.*$/g, '');
    this.#send(inDialog(call.caller, 'ACK', to, target));
    const bye = inDialog(call.caller, 'BYE', to, target);
    this.#hangups.push({ atMs: performance.now() + this.#holdMs, index: call.caller.index, bye });
  }

  #over(call: Call, problem: string | undefined): void {
    if (problem !== undefined) this.problems.set(problem, (this.problems.get(problem) ?? 0) + 1);
    this.#calls.delete(call.caller.index);
  }

  #ask(call: Call, message: string): void {
    call.pending = message;
    call.tries += 1;
    this.#repeats.push({ atMs: performance.now() + T1_MS, index: call.caller.index, pending: message });
    this.#send(message);
  }

  #send(message: string): void {
    this.#socket.send(message, this.#sipPort, HOST);
  }
}

/** Calls of this process so far: no two have the same number, whatever run they belong to. */
let numbers = 0;
