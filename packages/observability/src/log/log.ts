import type { Log, LogFields } from '@sordino/core';
import { type Logger, destination as openDescriptor, pino, stdTimeFunctions } from 'pino';
import { maskCards, maskJsonLine } from '../cards/mask.ts';
import { scrubSecrets } from './scrub-secrets.ts';

/** One text in a line. Longer ones are cut: a log is no place for bodies and dumps. */
export const LOG_TEXT_CHARACTERS_MAX = 4_096;

/** Names that pino writes itself; a field of the same name is written with `field_` before it. */
const RESERVED: ReadonlySet<string> = new Set(['level', 'time', 'msg']);

const STDOUT = 1;

/** Any Writable will do. Lines end in a newline. */
export interface LogSink {
  write(line: string): unknown;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

export interface LogOptions {
  /** Default: standard output, written at once. */
  readonly destination?: LogSink;
  readonly level: LogLevel;
  /** In every line. */
  readonly bindings?: LogFields;
}

export interface CardSafeLog extends Log {
  /** Card numbers that the scanner kept out of this log and its children. Anything but 0 is a bug to be found: alert on it. */
  scannerHits(): number;
  /** The same sink and counter, with more bindings. */
  child(bindings: LogFields): CardSafeLog;
}

/**
 * JSON lines `{"level":"info","time":"…Z","part":"sip","msg":"…"}`. Texts are scanned for card numbers before they are
 * cut and serialised, and the finished line once more before the sink sees it. A sink that throws loses the line, never the process.
 */
export function createLog(options: LogOptions): CardSafeLog {
  const counter = { hits: 0 };
  const sink = options.destination ?? standardOutput();
  const logger = pino(
    {
      level: options.level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    {
      write(line: string) {
        const masked = maskJsonLine(scrubSecrets(line));
        counter.hits += masked.hits;
        try {
          sink.write(masked.text);
        } catch {
          // Nowhere is left to say it: the log itself is what failed.
        }
      },
    },
  );
  return new PinoLog(logger, counter, options.bindings ?? {});
}

function standardOutput(): LogSink {
  const stream = openDescriptor({ dest: STDOUT, sync: true });
  stream.on('error', () => {});
  return stream;
}

class PinoLog implements CardSafeLog {
  readonly #logger: Logger;
  readonly #counter: { hits: number };
  readonly #bindings: LogFields;

  constructor(logger: Logger, counter: { hits: number }, bindings: LogFields) {
    this.#logger = logger;
    this.#counter = counter;
    this.#bindings = bindings;
  }

  debug(message: string, fields?: LogFields): void {
    if (this.#logger.isLevelEnabled('debug')) this.#logger.debug(this.#clean(fields), this.#text(message));
  }
  info(message: string, fields?: LogFields): void {
    if (this.#logger.isLevelEnabled('info')) this.#logger.info(this.#clean(fields), this.#text(message));
  }
  warn(message: string, fields?: LogFields): void {
    if (this.#logger.isLevelEnabled('warn')) this.#logger.warn(this.#clean(fields), this.#text(message));
  }
  error(message: string, fields?: LogFields): void {
    if (this.#logger.isLevelEnabled('error')) this.#logger.error(this.#clean(fields), this.#text(message));
  }

  child(bindings: LogFields): CardSafeLog {
    return new PinoLog(this.#logger, this.#counter, { ...this.#bindings, ...bindings });
  }

  scannerHits(): number {
    return this.#counter.hits;
  }

  #clean(fields: LogFields = {}): Record<string, unknown> {
    const clean: Record<string, unknown> = {};
    for (const [name, value] of Object.entries({ ...this.#bindings, ...fields }))
      clean[RESERVED.has(name) ? `field_${name}` : name] = this.#scalar(value);
    return clean;
  }

  /** Whatever the types say: an object that slips in is not walked into. */
  #scalar(value: unknown): unknown {
    if (typeof value === 'string') return this.#text(value);
    if (typeof value === 'object' && value !== null) return '[object]';
    return typeof value === 'bigint' || typeof value === 'symbol' || typeof value === 'function'
      ? this.#text(String(value))
      : value;
  }

  #text(text: string): string {
    // Scanned before it is cut: half a card number would not be recognised any more.
    const masked = maskCards(String(text));
    this.#counter.hits += masked.hits;
    if (masked.text.length <= LOG_TEXT_CHARACTERS_MAX) return masked.text;
    return `${masked.text.slice(0, LOG_TEXT_CHARACTERS_MAX)}… (${masked.text.length} characters)`;
  }
}
