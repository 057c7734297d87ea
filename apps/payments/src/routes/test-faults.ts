import {
  type ArmFaultBody,
  FAULT_KINDS,
  FAULT_NAMES,
  type FaultKindObject,
  type ListObject,
  type SessionId,
  type TestFaultObject,
} from '@sordino/core';
import type { Caller, SessionService } from '@sordino/payments';
import { Router } from 'express';
import { mayRehearse } from '../auth/permissions.ts';
import { answering } from '../http/answer.ts';
import { fromService, HttpProblem } from '../http/problem-details.ts';
import type { FaultRefusal } from '../test-faults/fault-desk.ts';
import type { TestFaults } from '../test-faults/test-faults.ts';
import { principalOf } from './sessions.ts';

const KINDS: readonly FaultKindObject[] = FAULT_NAMES.map((fault) => ({
  object: 'test_fault_kind',
  fault,
  ...FAULT_KINDS[fault],
}));

/** Rehearsals of the failure table. `faults` is undefined where the configuration has switched them off. */
export function testFaultRoutes(faults: TestFaults | undefined, service: SessionService): Router {
  const router = Router({ caseSensitive: true, strict: true });
  router.post(
    '/',
    answering((request, response) => {
      const caller = mayRehearse(principalOf(response));
      const { session, fault } = request.body as ArmFaultBody;
      const desk = switchedOn(faults);
      mustBeOwn(service, caller, session);
      const armed = desk.arm(session, fault);
      if (!armed.ok) throw REFUSALS[armed.problem]();
      return { status: 201, body: armed.value };
    }),
  );
  router.get(
    '/',
    answering((request, response) => {
      const caller = mayRehearse(principalOf(response));
      const desk = switchedOn(faults);
      const { session } = request.query as { readonly session?: SessionId };
      if (session === undefined) return { status: 200, body: listOf(KINDS) };
      mustBeOwn(service, caller, session);
      return { status: 200, body: listOf(desk.of(session)) };
    }),
  );
  return router;
}

function listOf<Item extends FaultKindObject | TestFaultObject>(data: readonly Item[]): ListObject<Item> {
  return { object: 'list', data, has_more: false };
}

function switchedOn(faults: TestFaults | undefined): TestFaults {
  if (faults !== undefined) return faults;
  throw new HttpProblem({
    status: 403,
    type: 'permission_error',
    code: 'test_faults_off',
    message: 'Rehearsals are switched off here: set api.test_faults to true in the configuration.',
  });
}

/** Foreign ids are 404 (rule 8). */
function mustBeOwn(service: SessionService, caller: Caller, session: SessionId): void {
  const found = service.read(caller, session);
  if (!found.ok) throw fromService({ ...found.problem, param: 'session' });
}

const REFUSALS = {
  unknown: () =>
    conflict(
      'fault_no_call',
      'The call of this session is over, and not on this process any more. Create a new session.',
    ),
  too_late: () =>
    conflict(
      'fault_too_late',
      'The call is beyond the point where this could happen. Create a new session and arm the fault earlier: GET /v1/test/faults tells when each can take effect.',
    ),
  not_possible: () =>
    conflict(
      'fault_not_possible',
      'With this platform it cannot happen: its leg 5 is answered at once (commit: at_once), and CANCEL has no effect on an INVITE that was answered. Rehearse another fault, or this one with commit: after_leg7.',
    ),
  not_guarded: () =>
    conflict(
      'fault_not_guarded',
      'Nobody would hand the calls back: this process has no guardian. Run it with sordino start.',
    ),
  live_calls: () =>
    conflict(
      'fault_live_calls',
      'A live session is open in this process, and it would lose its call with the others. Rehearse this on a server of its own.',
    ),
} as const satisfies Record<FaultRefusal, () => HttpProblem>;

function conflict(code: string, message: string): HttpProblem {
  return new HttpProblem({ status: 409, type: 'invalid_request_error', code, message, param: 'fault' });
}
