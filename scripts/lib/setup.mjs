// What a fresh machine needs before anything of ours can run. No dependencies: this runs before `npm ci`.
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { delimiter, dirname, isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

const NODE_MAJOR_MIN = 20;

/** Ends the process with one clear line. */
export function stop(message) {
  console.error(`sordino: ${message}`);
  process.exit(1);
}

export function run(command, args, options = {}) {
  const { status, signal } = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options });
  return signal === null ? (status ?? 1) : 1;
}

export function ensureNode() {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < NODE_MAJOR_MIN) stop(`Node ${NODE_MAJOR_MIN} or later is needed, this is ${process.version}`);
}

/** `npm ci` when the tree of node_modules is not the one of the lock file. */
export function ensurePackages() {
  const lock = join(root, 'package-lock.json');
  const installed = join(root, 'node_modules', '.package-lock.json');
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return;
  console.log('sordino: installing npm packages …');
  if (run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']) !== 0)
    stop('npm ci failed, see above');
}

const onPath = (binary) =>
  (process.env.PATH ?? '').split(delimiter).some((directory) => existsSync(join(directory, binary)));

/** A switch's DTMF receiver and codecs, compiled when a test needs them, and another decoder: see testkit's judges. */
export const JUDGES = {
  gcc: 'gcc',
  '/usr/include/spandsp/dtmf.h': 'libspandsp-dev',
  'multimon-ng': 'multimon-ng',
};

/**
 * `tools`: Debian package by the binary it brings, or, where it brings none, by a file of it. Installs what is missing on
 * Debian, names it elsewhere.
 */
export function ensureTools(tools) {
  const isThere = (wanted) => (isAbsolute(wanted) ? existsSync(wanted) : onPath(wanted));
  const missing = Object.keys(tools).filter((wanted) => !isThere(wanted));
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map((binary) => tools[binary]))];
  const named = packages.join(' ');
  if (!existsSync('/etc/debian_version'))
    stop(`missing ${missing.join(', ')}; install: ${named} (Debian's names)`);
  const sudo = process.getuid?.() === 0 ? [] : onPath('sudo') ? ['sudo', '-n'] : undefined;
  if (sudo === undefined) stop(`missing ${missing.join(', ')}; as root run: apt-get install ${named}`);
  console.log(`sordino: installing Debian packages ${named} …`);
  const apt = (...args) => {
    const [command, ...rest] = [...sudo, 'apt-get', '-qq', ...args];
    return run(command, rest, {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
  };
  apt('update');
  if (apt('install', '-y', '--no-install-recommends', ...packages) !== 0)
    stop(`apt-get could not install ${named}`);
}

/** Builds every package that changed. Returns the exit status. */
export function build(...flags) {
  return run(join('node_modules', '.bin', 'turbo'), ['run', 'build', '--output-logs=errors-only', ...flags], {
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1', TURBO_NO_UPDATE_NOTIFIER: '1' },
  });
}
