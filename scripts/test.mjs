// `npm test`: everything, on a fresh machine too. Ends with `N passed, N failed` alone on the last line.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, ensureNode, ensurePackages, ensureTools, JUDGES, run } from './lib/setup.mjs';

ensureNode();
ensurePackages();
ensureTools({
  sipp: 'sip-tester',
  chromium: 'chromium',
  'g++': 'g++',
  rtpengine: 'rtpengine-daemon',
  'softhsm2-util': 'softhsm2',
  'pkcs11-tool': 'opensc',
  'redis-server': 'redis-server',
  ...JUDGES,
});

const scratch = mkdtempSync(join(tmpdir(), 'sordino-test-'));
const totals = { passed: 0, failed: 0, skipped: 0 };

/** One whole-tree check: a build, a linter. */
function check(name, status) {
  console.log(`${status === 0 ? 'ok  ' : 'FAIL'} ${name}`);
  totals[status === 0 ? 'passed' : 'failed'] += 1;
  return status === 0;
}

/** Mostly wait, for timers and for a peer: each uses a quarter to a half of a core, so three at a time have room on two. */
const WAITING = `/packages/(${[
  'sip',
  'relay/src/(worker|handshakes)',
  'acceptance/src/(failures|rehearsals|platforms|transports|pages|docs|architecture|codecs|audit|bench-api|client|webhooks|gateways|fault-charges|sipp)',
  'acceptance/src/process/(signals|restart|command|garbage|api-keys|redis)',
  'store/src/redis',
  'acceptance/src/security/(memory|leak-shapes|exception-paths|foreign|strangers)',
  'testkit/src/world/misbehaviour',
].join('|')})`;
/** Start processes and play calls through them: they wait for a process to start as long as for a peer. */
const PROCESSES = '/packages/acceptance/src/(demo|process/guardian|security/card-search)';
/** Measure audio at its own pace, or kill at a given step: one at a time, so that what it shows is the product's doing and not the machine's. */
const REAL_TIME = '/packages/(relay|testkit|acceptance)/';
/** All three may be tried again. */
const PATIENT = ['--setupFilesAfterEnv', './jest.real-time.js'];

const bin = (name) => join('node_modules', '.bin', name);

/** One Jest run; its own totals stand above ours. */
function jest(name, args) {
  const report = join(scratch, `${name}.json`);
  const status = run(process.execPath, [bin('jest'), '--ci', '--json', `--outputFile=${report}`, ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '--experimental-vm-modules --disable-warning=ExperimentalWarning' },
  });
  try {
    const result = JSON.parse(readFileSync(report, 'utf8'));
    totals.passed += result.numPassedTests;
    totals.failed += result.numFailedTests + result.numRuntimeErrorTestSuites;
    totals.skipped += result.numPendingTests + result.numTodoTests;
    for (const { fullName, invocations } of result.testResults.flatMap((suite) => suite.assertionResults)) {
      if (invocations > 1) console.log(`try ${invocations} of 3: ${fullName}`);
    }
    if (status !== 0 && result.success) check(`jest (${name}) exit status`, status);
  } catch {
    check(`jest (${name}) wrote no report`, 1);
  }
}

if (check('build (tsc -b)', build())) {
  check('biome', run(bin('biome'), ['ci', '--reporter=summary', '.']));
  check('knip', run(bin('knip'), []));
  jest('parallel', ['--testPathIgnorePatterns', WAITING, REAL_TIME, '--maxWorkers=2']);
  jest('waiting', [WAITING, '--maxWorkers=3', ...PATIENT]);
  jest('processes', [PROCESSES, '--maxWorkers=2', ...PATIENT]);
  jest('real-time', [REAL_TIME, '--testPathIgnorePatterns', WAITING, PROCESSES, '--runInBand', ...PATIENT]);
}
rmSync(scratch, { recursive: true, force: true });

// With CI=true nothing may be skipped (and nothing in this tree is, anywhere).
if (process.env.CI === 'true' && totals.skipped > 0) totals.failed += totals.skipped;
console.log(`${totals.passed} passed, ${totals.failed} failed`);
process.exit(totals.failed === 0 ? 0 : 1);
