#!/usr/bin/env node
import { AUDIT_HELP } from './audit/help.ts';
import { CHECK_PLATFORM_HELP } from './check-platform/help.ts';
import { DEMO_HELP } from './demo/demo-options.ts';
import { KEYS_HELP } from './keys/help.ts';
import { START_HELP } from './start/help.ts';

const HELP = `sordino: on-demand payment interceptor for live contact-centre calls

${START_HELP}
${CHECK_PLATFORM_HELP}
${AUDIT_HELP}
${KEYS_HELP}
${DEMO_HELP}`;

type Command = (args: readonly string[]) => Promise<number>;

/** Only what a command needs is loaded: `start` never loads the simulated world, and itself next to nothing. */
const commands: Readonly<Record<string, Command>> = {
  start: async (args) => (await import('./guardian/run-guardian.ts')).runGuardian(args),
  farewell: async (args) => (await import('./guardian/run-farewell.ts')).runFarewell(args),
  'check-platform': async (args) => (await import('./check-platform/command.ts')).runCheckPlatform(args),
  audit: async (args) => (await import('./audit/command.ts')).runAudit(args),
  keys: async (args) => (await import('./keys/command.ts')).runKeys(args),
  demo: async (args) => (await import('./demo/demo.ts')).runDemo(args),
};

/** What `start` runs as a child of its own; nobody types it. */
const inner: Readonly<Record<string, Command>> = {
  serve: async (args) => (await import('./start/serve.ts')).runServe(args),
};

const [name = 'help', ...rest] = process.argv.slice(2);
const command = new Map(Object.entries({ ...commands, ...inner })).get(name);
if (rest.includes('--help') || command === undefined) {
  process.stdout.write(HELP);
  const asked = ['help', '--help', '-h'].includes(name) || rest.includes('--help');
  if (!asked)
    process.stderr.write(`sordino: no command ${name}; there are: ${Object.keys(commands).join(', ')}\n`);
  process.exitCode = asked ? 0 : 2;
} else {
  try {
    process.exitCode = await command(rest);
  } catch (error) {
    process.stderr.write(`sordino ${name}: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
