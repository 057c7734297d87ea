import {
  type Clock,
  FAULT_KINDS,
  type FaultName,
  makeId,
  type RandomBytes,
  type Result,
  refuse,
  type SessionId,
  type TestFaultObject,
} from '@sordino/core';
import type { FaultDesk, FaultRefusal } from './fault-desk.ts';

/** Enough for a test run; the oldest are forgotten first. */
const REMEMBERED_MAX = 1_000;

type Remembered = Pick<TestFaultObject, 'id' | 'created' | 'session' | 'fault' | 'expected'>;

/** The faults that were armed in this process, newest first. */
export class TestFaults {
  readonly #desk: FaultDesk;
  readonly #clock: Clock;
  readonly #random: RandomBytes;
  #remembered: readonly Remembered[] = [];

  constructor(desk: FaultDesk, clock: Clock, random: RandomBytes) {
    this.#desk = desk;
    this.#clock = clock;
    this.#random = random;
  }

  arm(session: SessionId, fault: FaultName): Result<TestFaultObject, FaultRefusal> {
    const armed = this.#desk.arm(session, fault);
    if (armed !== 'armed' && armed !== 'fired') return refuse(armed);
    const made: Remembered = {
      id: makeId('flt', this.#random),
      created: Math.floor(this.#clock.wallMs() / 1_000),
      session,
      fault,
      expected: this.#desk.expected(session, fault),
    };
    this.#remembered = [made, ...this.#remembered].slice(0, REMEMBERED_MAX);
    return { ok: true, value: this.#view(made) };
  }

  of(session: SessionId): readonly TestFaultObject[] {
    return this.#remembered.filter((fault) => fault.session === session).map((fault) => this.#view(fault));
  }

  #view(fault: Remembered): TestFaultObject {
    return {
      id: fault.id,
      object: 'test_fault',
      livemode: false,
      created: fault.created,
      session: fault.session,
      fault: fault.fault,
      description: FAULT_KINDS[fault.fault].description,
      expected: fault.expected,
      state: this.#desk.stateOf(fault.session, fault.fault),
    };
  }
}
