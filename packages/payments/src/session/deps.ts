import type {
  ConnectorId,
  FieldName,
  Log,
  MaskHold,
  MaskStyle,
  RandomBytes,
  Scheduler,
  SessionId,
} from '@sordino/core';
import type { CardMemory } from '../capture/card-memory.ts';
import type { CardBrand } from '../card/brand.ts';
import type { Gateway } from '../gateways/gateway.ts';
import type { CallControl } from '../ports/call-control.ts';
import type { PaymentStore } from '../ports/stores.ts';
import type { SessionKey } from '../sealed/session-key.ts';
import type { VelocityLimits } from '../velocity/limits.ts';
import type { CardTestingAlarm } from '../velocity/velocity.ts';

/** All that the session service needs from outside; wired by hand in the apps. */
export interface SessionServiceDeps {
  readonly store: PaymentStore;
  readonly calls: CallControl;
  readonly gateways: ReadonlyMap<ConnectorId, Gateway>;
  /** The gateway as one session is to see it: rehearsals of its failures. */
  readonly rehearse?: (session: SessionId, gateway: Gateway) => Gateway;
  readonly scheduler: Scheduler;
  readonly random: RandomBytes;
  readonly makeSessionKey: () => Promise<SessionKey>;
  /** SHA-256, at once: client secrets are checked in the path of each request. (`createHash('sha256')` in the process.) */
  readonly sha256: (bytes: Uint8Array) => Uint8Array;
  /**
   * A keyed hash (HMAC-SHA256) of the scope and a card number, by a key that no store has: the same card gives the same tag, and nobody
   * without the key can try numbers. (`createHmac` over the bytes in the process.)
   */
  readonly tagCard: (scope: string, number: Uint8Array) => Uint8Array;
  /** Connectors whose charges are undone by our key when their outcome stays unknown. */
  readonly reverseOnUnknown?: ReadonlySet<ConnectorId>;
  readonly log: Log;
  readonly defaults?: Partial<SessionDefaults>;
  /** From how many declined charges on somebody is trying cards. */
  readonly velocity?: VelocityLimits;
  /** For the audit trail; the log has it already. */
  readonly cardTesting?: (alarm: CardTestingAlarm) => void;
  /** False while a control has failed that no card may be taken without (PCI DSS 10.7.2); see `SessionService.stopCapture`. */
  readonly mayCapture?: () => boolean;
  /** Where card buffers come from; plain zeroed memory when left out. */
  readonly cardMemory?: CardMemory;
}

/** What a create request may leave out, and what the tenant takes. */
export interface SessionDefaults {
  /** Used when the request names none; when this is left out too, the only gateway there is. */
  readonly connector: ConnectorId;
  readonly fields: readonly FieldName[];
  readonly mask: { readonly style: MaskStyle; readonly hold: MaskHold };
  readonly startTimeoutMs: number;
  readonly acceptedBrands: readonly CardBrand[] | 'any';
}
