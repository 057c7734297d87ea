import { ok, type PlayTo, type Result, type SessionId, type SessionObject } from '@sordino/core';
import { inTurn, type ServiceContext } from './context.ts';
import { badParam, notNow } from './problems.ts';
import type { Caller, ServiceProblem } from './service.ts';
import { toSessionObject } from './view.ts';

/** Plays a prompt to one of the two people, or stops what plays; `prompt.ended` tells its end. Nothing of the payment changes. */
export const play = (
  context: ServiceContext,
  caller: Caller,
  id: SessionId,
  to: PlayTo,
  prompt: string | null,
): Promise<Result<SessionObject, ServiceProblem>> =>
  inTurn(context, caller, id, async (record) => {
    const played = context.deps.calls.play(id, to, prompt);
    if (played.ok) return ok(toSessionObject(record));
    if (played.problem === 'unknown_prompt')
      return badParam(
        'prompt',
        'unknown_prompt',
        'there is no such prompt: media.prompts names the folder, and its file names are the names; flat_tone is always there',
      );
    return notNow(
      'not_engaged',
      `nothing can be played while the call is ${record.topology}: wait for session.engaged`,
      true,
    );
  });
