import type { SessionId } from '@sordino/core';
import type { ServiceContext } from './context.ts';

/**
 * Something broke while a call event, a key or a timer was worked on (a full disk, a bug): nothing that cannot be recorded may go on
 * (PCI DSS 10.7.2). The digits go, the call is handed back.
 */
export function failClosed({ deps, live }: ServiceContext, id: SessionId, error: unknown): void {
  deps.log.error('a session is closed because its work failed', {
    session: id,
    error: error instanceof Error ? error.name : 'unknown',
    code: codeOf(error),
  });
  live.get(id)?.close();
  deps.calls.setCollecting(id, false);
  deps.calls.restore(id, 'internal_error');
}

const codeOf = (error: unknown): string | null =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
