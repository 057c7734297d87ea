import type { ApiErrorBody, ApiErrorType, SessionObject } from '@sordino/core';
import type { ServiceProblem } from '@sordino/payments';
import { bodyParserProblem } from './problems/body-parser.ts';
import { validatorProblem } from './problems/validator.ts';

/** A refusal on its way out: what design section 4's error object needs besides the request's own facts. */
export interface Problem {
  readonly status: number;
  readonly type: ApiErrorType;
  readonly code: string;
  /** What was wrong, where, and what to do. Never a value that was sent. */
  readonly message: string;
  readonly param?: string | null;
  readonly retryable?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Thrown by handlers; everything else that is thrown is a bug and becomes a bare 500. */
export class HttpProblem extends Error {
  override readonly name = 'HttpProblem';
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.code);
    this.problem = problem;
  }
}

export function fromService(problem: ServiceProblem): HttpProblem {
  const { httpStatus, ...rest } = problem;
  const headers = httpStatus === 503 ? { headers: { 'Retry-After': '1' } } : {};
  return new HttpProblem({ status: httpStatus, ...rest, ...headers });
}

const BUG: Problem = {
  status: 500,
  type: 'api_error',
  code: 'internal_error',
  message:
    'Something failed on our side. Read the session before you repeat the request; tell us the request_id.',
  retryable: false,
};

/** The one place where whatever went wrong becomes an answer. `isBug`: nobody foresaw it, so it has to be logged. */
export function problemOf(error: unknown): { readonly problem: Problem; readonly isBug: boolean } {
  if (error instanceof HttpProblem) return { problem: error.problem, isBug: false };
  const foreseen = validatorProblem(error) ?? bodyParserProblem(error);
  return foreseen ? { problem: foreseen, isBug: false } : { problem: BUG, isBug: true };
}

export interface RequestFacts {
  readonly requestId: string;
  /** The session of the path when the caller may see it, and how its call stands. */
  readonly session: Pick<SessionObject, 'id' | 'topology' | 'call_failure'> | undefined;
}

export function toErrorBody(problem: Problem, facts: RequestFacts): ApiErrorBody {
  const topology = facts.session?.topology ?? null;
  return {
    error: {
      type: problem.type,
      code: problem.code,
      message: problem.message,
      param: problem.param ?? null,
      session: facts.session?.id ?? null,
      retryable: problem.retryable ?? false,
      // The legs do not depend on HTTP: people can talk unless the call itself is over.
      call_safe: topology !== 'lost',
      topology,
      leg: facts.session?.call_failure?.leg ?? null,
      sip: facts.session?.call_failure?.sip ?? null,
      doc_url: `/docs/api/errors#${problem.code}`,
      request_id: facts.requestId,
    },
  };
}
