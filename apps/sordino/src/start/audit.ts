import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { ApiAccess, AuditLister } from '@sordino/app-payments';
import type { AuditEventObject, AuditRecordObject, Clock, Log } from '@sordino/core';
import { type AuditEntry, type AuditFact, type AuditTrail, openAuditTrail } from '@sordino/observability';
import type { CardTestingAlarm } from '@sordino/payments';
import type { Config } from '../config/schema.ts';

/** Undefined: nothing is kept, because nothing of this process outlives it. */
export const auditDirectory = ({ audit, store }: Config): string | undefined =>
  audit.directory ?? (store.kind === 'memory' ? undefined : join(store.directory, 'audit'));

export interface Audit {
  access(access: ApiAccess): void;
  ofSession(session: string, sinceMs: number): Promise<readonly AuditRecordObject[]>;
  /** Somebody tries cards: what is locked now. */
  cardTesting(alarm: CardTestingAlarm): void;
  readonly list: AuditLister;
  /** Nothing can be recorded now. */
  failing(): boolean;
  /** The last record of this run. */
  close(): void;
}

/** Begins with the record that this process runs, and with which configuration (PCI DSS v4.0.1, 10.2.1.6). */
export function openAudit(config: Config, clock: Clock, log: Log, onFailing: () => void): Audit {
  const directory = auditDirectory(config);
  if (directory === undefined)
    return {
      access: () => {},
      ofSession: async () => [],
      cardTesting: () => {},
      list: async () => ({ data: [], hasMore: false }),
      failing: () => false,
      close: () => {},
    };
  const trail = openAuditTrail({ directory, keepDays: config.audit.keep_days, clock, log, onFailing });
  // It may hold secrets, and a hash tells whether it is another one.
  const digest = createHash('sha256').update(JSON.stringify(config)).digest('hex');
  systemSays(trail, 'process.started', `configuration ${digest.slice(0, 16)}`);
  return {
    failing: () => trail.failing,
    access: (access) => trail.record(factOf(access)),
    ofSession: async (session, sinceMs) => (await trail.ofSession(session, sinceMs)).map(view),
    cardTesting: ({ by, tenant, livemode, declines }) => {
      const outcome = `locked by ${by} after ${declines} declines`;
      systemSays(trail, 'card_testing.suspected', outcome, { tenant, livemode });
    },
    list: async ({ tenant, livemode }, filter) => {
      const { data, hasMore } = await trail.list({ ...filter, tenant, livemode });
      return { data: data.map((entry) => eventOf(entry, livemode)), hasMore };
    },
    close: () => {
      systemSays(trail, 'process.stopped', 'ok');
      trail.close();
    },
  };
}

const systemSays = (
  trail: AuditTrail,
  action: string,
  outcome: string,
  whose: Pick<AuditFact, 'tenant' | 'livemode'> = { tenant: null },
): void =>
  trail.record({ action, outcome, actor: 'system', ...whose, session: null, source: null, request: null });

function factOf({ principal, ...access }: ApiAccess): AuditFact {
  const actor =
    principal === undefined
      ? null
      : principal.kind === 'api_key'
        ? `api_key ${principal.key.id}`
        : principal.kind;
  const { tenant = null, livemode } = principal?.caller ?? {};
  return { ...access, actor, tenant, livemode };
}

const view = ({ n, at, action, actor, source, outcome, request, hash }: AuditEntry): AuditRecordObject => ({
  ...{ n, at, action, actor, source, outcome, request, hash },
});

const eventOf = (entry: AuditEntry, livemode: boolean): AuditEventObject => ({
  id: `aud_${entry.n}`,
  object: 'audit_event',
  livemode,
  created: Math.floor(Date.parse(entry.at) / 1_000),
  session: entry.session,
  ...view(entry),
});
