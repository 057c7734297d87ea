import type { Cancel, Log, Scheduler } from '@sordino/core';
import { afterGuardianEvent, type GuardianEvent, type GuardianState } from './guardian-state.ts';
import type { Bound, Carried, ToGuardian, ToService } from './protocol.ts';
import { LOOK_EVERY_MS, Pulse } from './pulse.ts';
import { Restarts } from './restarts.ts';

export interface ServiceEnd {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ServiceHandlers {
  said(message: ToGuardian): void;
  ended(end: ServiceEnd): void;
}

/** The service as a process of its own. */
export interface ServiceProcess {
  readonly pid: number | undefined;
  tell(message: ToService): void;
  kill(signal: NodeJS.Signals): void;
}

export interface GuardianPorts {
  readonly scheduler: Scheduler;
  readonly log: Log;
  /** For `Carried.scratch`. */
  readonly scratch: string;
  spawn(handlers: ServiceHandlers): ServiceProcess;
  /** Ends every leg that stands in the file. Never rejects. */
  sayFarewell(file: string): Promise<unknown>;
}

/** Exit status where the service has none to pass on. */
const FAILED = 1;

/**
 * Starts the service and starts it again; where it died or hangs, hands its calls back first. It holds no call itself, and so little
 * can go wrong in it that it outlives what it looks after.
 */
export class Guardian {
  readonly #ports: GuardianPorts;
  readonly #restarts = new Restarts();
  readonly #ended: Promise<number>;
  #state: GuardianState = 'starting';
  #service: ServiceProcess | undefined;
  #pulse = new Pulse();
  #cancelLook: Cancel = () => {};
  #cancelRest: Cancel = () => {};
  #dialogs: string | undefined;
  #bound: Bound | undefined;
  #apiKey: string | undefined;
  #startedAtMs = 0;
  #wasReady = false;
  #lastStatus = FAILED;
  #end: (status: number) => void = () => {};

  constructor(ports: GuardianPorts) {
    this.#ports = ports;
    this.#ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  get state(): GuardianState {
    return this.#state;
  }

  /** Resolves with the exit status when nothing is left to look after. */
  run(): Promise<number> {
    this.#start();
    return this.#ended;
  }

  /** An ordered end; asked for again, at once. */
  stop(): void {
    const again = this.#state === 'stopping';
    if (!this.#move('stop')) return;
    this.#service?.tell({ kind: 'stop', atOnce: again });
    if (this.#state === 'ended') this.#finish(this.#lastStatus);
  }

  /** To the service, where it is there to take it. */
  signal(signal: NodeJS.Signals): void {
    if (this.#state === 'serving') this.#service?.kill(signal);
  }

  #start(): void {
    const { scheduler, scratch, spawn } = this.#ports;
    this.#startedAtMs = scheduler.monotonicMs();
    this.#wasReady = false;
    this.#dialogs = undefined;
    this.#pulse = new Pulse();
    const carried: Carried = {
      scratch,
      bound: this.#bound,
      apiKey: this.#apiKey,
    };
    const service = spawn({
      said: (message) => this.#said(message),
      ended: (end) => void this.#died(service, end),
    });
    this.#service = service;
    service.tell({ kind: 'begin', carried });
    this.#lookSoon();
  }

  #said(message: ToGuardian): void {
    this.#pulse.beat();
    if (message.kind === 'dialogs') this.#dialogs = message.file;
    if (message.kind !== 'ready') return;
    this.#wasReady = true;
    this.#bound = message.bound;
    this.#apiKey = message.apiKey;
    this.#move('ready');
  }

  #lookSoon(): void {
    this.#cancelLook = this.#ports.scheduler.after(LOOK_EVERY_MS, () => {
      if (this.#pulse.look(!this.#wasReady)) {
        this.#ports.log.error('the service hangs: killing it', { pid: this.#service?.pid ?? null });
        this.#service?.kill('SIGKILL');
      } else this.#lookSoon();
    });
  }

  async #died(service: ServiceProcess, { status, signal }: ServiceEnd): Promise<void> {
    const { log, scheduler, sayFarewell } = this.#ports;
    this.#cancelLook();
    const ordered = this.#state === 'stopping' && status !== null;
    this.#service = undefined;
    this.#lastStatus = status ?? FAILED;
    this.#move('died');
    if (!ordered && (this.#wasReady || signal !== null)) {
      log.error('the service died: handing its calls back', { pid: service.pid ?? null, status, signal });
    }
    const restMs = this.#restarts.restMs({
      lastedMs: scheduler.monotonicMs() - this.#startedAtMs,
      stillborn: !this.#wasReady,
    });
    if (this.#dialogs !== undefined) await sayFarewell(this.#dialogs);
    this.#parted(restMs);
  }

  #parted(restMs: number | undefined): void {
    const { log, scheduler } = this.#ports;
    if (this.#state === 'leaving') {
      this.#move('parted');
      this.#finish(this.#lastStatus);
      return;
    }
    if (restMs === undefined) {
      if (this.#wasReady) log.error('the service dies again and again: giving up', {});
      this.#move('given-up');
      // An end that nobody ordered is none that went well, whatever the service says.
      this.#finish(this.#lastStatus === 0 ? FAILED : this.#lastStatus);
      return;
    }
    this.#move('parted');
    log.warn('starting the service again', { rest_ms: restMs });
    this.#cancelRest = scheduler.after(restMs, () => {
      if (this.#move('rested')) this.#start();
    });
  }

  #finish(status: number): void {
    this.#cancelRest();
    this.#end(status);
  }

  #move(event: GuardianEvent): boolean {
    const next = afterGuardianEvent(this.#state, event);
    if (next !== undefined) this.#state = next;
    return next !== undefined;
  }
}
