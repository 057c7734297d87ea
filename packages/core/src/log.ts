export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** What a part may say. Fields are flat scalars; the sink scans the finished line for card numbers before it is written. */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };
