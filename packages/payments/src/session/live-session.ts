import type { Cancel, SessionId } from '@sordino/core';
import type { CardMemory } from '../capture/card-memory.ts';
import { DigitVault } from '../capture/digit-vault.ts';
import { DoubledKeys } from '../capture/doubled-keys.ts';
import type { FieldCollector } from '../capture/field-collector.ts';
import { Pace } from '../capture/pace.ts';
import type { BrandOrUnknown } from '../card/brand.ts';
import { KeyOpener } from '../sealed/key-opener.ts';
import type { SessionKey } from '../sealed/session-key.ts';

/** What a session has in memory only: the digits, the private key, the open field. A restart loses it, on purpose. */
export class LiveSession {
  readonly id: SessionId;
  readonly vault: DigitVault;
  readonly opener: KeyOpener;
  readonly doubled: DoubledKeys;
  /** Of the customer's fingers. */
  readonly pace = new Pace();
  collector: FieldCollector | undefined;
  /** Of the captured card number. */
  brand: BrandOrUnknown | undefined;
  charges = 0;
  pendingKeys = 0;
  /** The agent was told that keys arrive while no field is open. */
  hintedStrayKeys = false;
  /** The agent was told that a key of the open field was heard twice. */
  hintedDoubledKeys = false;
  /** The agent was told that keys are pressed too briefly. */
  hintedShortKeys = false;
  /** No card data will be taken any more. */
  closed = false;
  #cancelFieldTimer: Cancel = () => {};
  #cancelLifetime: Cancel = () => {};
  #cancelKept: Cancel | undefined;

  constructor(id: SessionId, key: SessionKey, memory: CardMemory) {
    this.id = id;
    this.vault = new DigitVault(memory);
    this.doubled = new DoubledKeys(this.vault);
    this.opener = new KeyOpener(id, key);
  }

  fieldTimer(cancel: Cancel): void {
    this.#cancelFieldTimer();
    this.#cancelFieldTimer = cancel;
  }

  lifetime(cancel: Cancel): void {
    this.#cancelLifetime();
    this.#cancelLifetime = cancel;
  }

  /** One field was refused by the bank and the rest is still here; `cancel`: of the timer that ends this. */
  get keepsRest(): boolean {
    return this.#cancelKept !== undefined;
  }

  keepRest(cancel: Cancel): void {
    this.keepRestNoMore();
    this.#cancelKept = cancel;
  }

  keepRestNoMore(): void {
    this.#cancelKept?.();
    this.#cancelKept = undefined;
  }

  closeField(): void {
    this.collector = undefined;
    this.#cancelFieldTimer();
  }

  /** All digits gone; another card may be keyed. */
  forgetCard(): void {
    this.closeField();
    this.keepRestNoMore();
    this.vault.wipe();
    this.brand = undefined;
  }

  /** Every exit path ends here: digits and private key gone for good. Harmless when repeated. */
  close(): void {
    this.forgetCard();
    this.opener.destroy();
    this.closed = true;
  }

  /** The session needs no watching any more. */
  end(): void {
    this.close();
    this.#cancelLifetime();
  }
}
