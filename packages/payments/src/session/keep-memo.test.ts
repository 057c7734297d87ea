import { expect, it } from '@jest/globals';
import type { SessionId } from '@sordino/core';
import type { ChargeAttempt } from '../charge/attempt.ts';
import type { ServiceContext } from './context.ts';
import { traceOf } from './keep-memo.ts';

const CREATED = 1_790_000_000_000;

it.each([
  [0, true],
  [59_999, true],
  [60_000, false],
  [86_400_000, false],
])('%d ms after its attempt a charge may still be finished: %s (decision 0033)', (ageMs, mayFinish) => {
  const deps = { scheduler: { wallMs: () => CREATED + ageMs }, store: { session: () => undefined } };
  const attempt = { session: 'ses_1' as SessionId, created: CREATED, memo: 'pm_1' } as ChargeAttempt;
  expect(traceOf({ deps } as unknown as ServiceContext, attempt)).toMatchObject({ memo: 'pm_1', mayFinish });
});
