import { Router } from 'express';
import { answering } from '../http/answer.ts';

/** `reasons`: why no new session should come here now; empty when all is well. */
export function healthRoutes(reasons: () => readonly string[]): Router {
  const router = Router({ caseSensitive: true, strict: true });
  router.get(
    '/healthz',
    answering(() => ({ status: 200, body: { status: 'ok', reasons: [] } })),
  );
  router.get(
    '/readyz',
    answering(() => {
      const why = reasons();
      return {
        status: why.length > 0 ? 503 : 200,
        body: { status: why.length > 0 ? 'not_ready' : 'ok', reasons: why },
      };
    }),
  );
  return router;
}
