import type { Log, LogFields } from '@sordino/core';
import { SOURCE_IGNORED } from '@sordino/sip';

/** Lines kept of one call: what repeats is told by the first ones. */
const LINES_MAX = 50;

/** Keeps what Sordino warned of during one call: part of the report. */
export class CheckLog {
  readonly lines: string[] = [];
  /** Addresses whose SIP was ignored, for no platform allows them. */
  readonly ignoredSources: string[] = [];

  readonly log: Log = {
    debug: () => {},
    info: () => {},
    warn: (message, fields) => this.#keep(message, fields),
    error: (message, fields) => this.#keep(message, fields),
  };

  #keep(message: string, fields: LogFields = {}): void {
    if (message === SOURCE_IGNORED) this.ignoredSources.push(String(fields.source));
    if (this.lines.length >= LINES_MAX) return;
    const told = Object.entries(fields).map(([name, value]) => ` ${name}=${value}`);
    this.lines.push(`${message}${told.join('')}`);
  }
}
