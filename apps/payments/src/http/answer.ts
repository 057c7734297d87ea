import type { Request, RequestHandler, Response } from 'express';
import type { Answer } from '../idempotency/idempotency.ts';

/** A route that makes a value: sent as JSON with its status. */
export function answering(
  make: (request: Request, response: Response) => Answer | Promise<Answer>,
): RequestHandler {
  return async (request, response) => {
    const answer = await make(request, response);
    if (answer.replayed) response.set('Idempotent-Replayed', 'true');
    response.status(answer.status).json(answer.body);
  };
}
