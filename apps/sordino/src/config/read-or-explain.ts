import { ConfigError, readConfig } from './read-config.ts';
import type { Config } from './schema.ts';

/** For commands: problems of the configuration go to standard error, one per line, and undefined comes back. */
export function readConfigOrExplain(file: string | undefined): Config | undefined {
  try {
    return readConfig(file, process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    for (const problem of error.problems) process.stderr.write(`sordino: ${problem}\n`);
    return undefined;
  }
}
