export { ConfigError, readConfig } from './config/read-config.ts';
export { type Config, type ConfigInput, configSchema } from './config/schema.ts';
export { type SordinoProcess, type SordinoProcessOptions, startSordino } from './demo/sordino-process.ts';
export { type RunEnd, runSordino, type SordinoRun } from './demo/sordino-run.ts';
export { composeSordino, type Sordino, type SordinoOptions, type SordinoParts } from './start/compose.ts';
export { platformProfile } from './start/platform-profile.ts';
export { systemScheduler } from './system.ts';
