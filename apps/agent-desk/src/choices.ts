import type { FieldName, FieldObject, PaymentStatus, SessionObject, Topology } from '@sordino/core';

/** What the agent may do now; every button of the page asks here. */
export interface Choices {
  readonly start: boolean;
  readonly confirm: boolean;
  readonly cancel: boolean;
  readonly restore: boolean;
  ask(field: FieldObject): boolean;
  clear(field: FieldObject): boolean;
}

type StatusSet = ReadonlySet<PaymentStatus>;

const KEYABLE: StatusSet = new Set<PaymentStatus>(['ready', 'collecting', 'ready_to_confirm', 'declined']);
const CANCELABLE: StatusSet = new Set<PaymentStatus>([...KEYABLE, 'created', 'awaiting_media']);
/** Something of this payment is still to come: another one must wait. */
const PENDING: StatusSet = new Set<PaymentStatus>(['created', 'awaiting_media', 'processing', 'unknown']);
const WITH_US: ReadonlySet<Topology> = new Set<Topology>(['engaging', 'engaged', 'restoring']);

export function choicesOf(session: SessionObject | null): Choices {
  if (session === null) {
    return {
      start: true,
      confirm: false,
      cancel: false,
      restore: false,
      ask: () => false,
      clear: () => false,
    };
  }
  const engaged = session.topology === 'engaged';
  const keyable = engaged && KEYABLE.has(session.status);
  return {
    start: !WITH_US.has(session.topology) && !PENDING.has(session.status),
    confirm: engaged && session.status === 'ready_to_confirm',
    cancel: CANCELABLE.has(session.status) && (engaged || !isGivenBack(session)),
    restore: engaged,
    ask: ({ state }) => keyable && state !== 'collecting',
    clear: ({ length }) => keyable && length > 0,
  };
}

/** The people talk without us again, or not at all any more. */
export const isGivenBack = ({ topology }: SessionObject): boolean =>
  topology === 'restoring' || topology === 'restored' || topology === 'lost';

/** Nothing of this session changes any more. */
export const isOver = (session: SessionObject): boolean =>
  ['approved', 'failed', 'canceled', 'expired'].includes(session.status) &&
  !WITH_US.has(session.topology) &&
  session.topology !== 'degraded';

/** The field to ask for without being told: the first that nobody has asked for yet, while none is open. */
export function nextField(session: SessionObject): FieldName | undefined {
  if (session.status !== 'ready' || session.topology !== 'engaged') return undefined;
  return session.fields.find(({ state }) => state === 'empty')?.name;
}
