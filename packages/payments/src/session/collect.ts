import { type FieldName, ok, type Result, type SessionId, type SessionObject } from '@sordino/core';
import { FIELD_ATTEMPTS_MAX } from '../capture/limits.ts';
import { inTurn, type ServiceContext } from './context.ts';
import type { FieldDesk } from './field-desk.ts';
import { fieldNamed } from './fields.ts';
import type { LiveSession } from './live-session.ts';
import { auditUnavailable, badParam, notNow } from './problems.ts';
import type { SessionRecord } from './record.ts';
import type { Caller, ServiceProblem } from './service.ts';
import { toSessionObject } from './view.ts';
import { takingKeys } from './why-not.ts';

export const collect = (
  context: ServiceContext,
  desk: FieldDesk,
  caller: Caller,
  id: SessionId,
  field: FieldName,
): Promise<Result<SessionObject, ServiceProblem>> =>
  inTurn(context, caller, id, async (record, live) => {
    const place = keyable(context, record, live, field);
    if (!place.ok) return place;
    return ok(toSessionObject(await desk.open(place.value, record, field, 0)));
  });

export const clear = (
  context: ServiceContext,
  desk: FieldDesk,
  caller: Caller,
  id: SessionId,
  field: FieldName,
  last: number | undefined,
): Promise<Result<SessionObject, ServiceProblem>> =>
  inTurn(context, caller, id, async (record, live) => {
    if (last !== undefined && (!Number.isSafeInteger(last) || last < 1))
      return badParam('last', 'out_of_range', 'last is how many digits to take back: a whole number from 1');
    const place = keyable(context, record, live, field);
    if (!place.ok) return place;
    const length = place.value.vault.length(field);
    // Its digits were declined: what is left of them would be another card begun with them.
    const isDeclined = place.value.keepsRest && field === 'card_number';
    if (length === 0)
      return notNow('nothing_to_clear', `${field} has no digits to take back: collect it to begin`);
    const kept = last === undefined || isDeclined ? 0 : Math.max(0, length - last);
    const isOpen = place.value.collector?.field === field;
    const changed = isOpen
      ? await desk.repair(place.value, record, field, kept)
      : await desk.open(place.value, record, field, kept);
    return ok(toSessionObject(changed));
  });

/** The live session when `field` may take keys now, or why not. */
function keyable(
  context: ServiceContext,
  record: SessionRecord,
  live: LiveSession | undefined,
  name: FieldName,
): Result<LiveSession, ServiceProblem> {
  const field = fieldNamed(record.fields, name);
  if (field === undefined)
    return badParam(
      'field',
      'unknown_field',
      `this session collects ${record.fields.map((each) => each.name).join(', ')}`,
    );
  if (context.deps.mayCapture?.() === false) return auditUnavailable();
  const taking = takingKeys(record, live);
  if (taking.ok && field.attempts >= FIELD_ATTEMPTS_MAX)
    return notNow('too_many_attempts', `${name} was tried ${FIELD_ATTEMPTS_MAX} times: cancel the session`);
  return taking;
}
