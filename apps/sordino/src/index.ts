export { ConfigError, readConfig } from './config/read-config.ts';
export { type Config, configSchema } from './config/schema.ts';
export { composeSordino, type Sordino, type SordinoOptions, type SordinoParts } from './start/compose.ts';
