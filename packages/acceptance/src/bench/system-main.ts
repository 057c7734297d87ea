/** The system under test: SIP endpoint and interceptor as the product composes them, in a process of their own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { composeOrchestrator, type Orchestrator } from '@sordino/app-orchestrator';
import { type Log, makeId, type SessionId } from '@sordino/core';
import { forgetTransactionsAfter, parseWithSipJs } from '@sordino/sip/bench';
import { openDialogFile } from '@sordino/sip/farewell';
import { admissionOf, configSchema, platformProfile, randomBytes, systemScheduler } from '@sordino/sordino';
import { idleRelay } from './idle-relay.ts';
import { CORRELATION_HEADER, HOST } from './load/messages.ts';
import type { SystemAnswer, SystemRequest, SystemSample, SystemSetup } from './protocol.ts';

const PLATFORM = 'plt_bench';
/** A token that the load does not use at once is burned. */
const TOKEN_TIMEOUT_MS = 5_000;
/** Public keys that nobody seals to. */
const SEAL_TO = new Uint8Array(32);

let errors = 0;
const log: Log = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: (message, fields) => {
    errors += 1;
    console.error(message, fields);
  },
};
let system: Orchestrator | undefined;
/** As in the product: every leg is on file before a message leaves. */
const directory = mkdtempSync(join(tmpdir(), 'sordino-bench-'));
let expected = 0;

async function start({ returnUri, parser, transactionMemoryMs }: SystemSetup): Promise<SystemAnswer> {
  const config = configSchema.parse({
    platforms: [{ id: PLATFORM, return_uri: returnUri, correlation_headers: [CORRELATION_HEADER] }],
  });
  system = await composeOrchestrator(
    {
      listen: (['udp', 'tcp'] as const).map((protocol) => ({ protocol, host: HOST, port: 0 })),
      platforms: config.platforms.map(platformProfile),
      admission: admissionOf(config),
    },
    {
      media: idleRelay,
      scheduler: systemScheduler,
      random: randomBytes,
      log,
      report: () => {},
      dialogs: openDialogFile(join(directory, 'dialogs.jsonl'), log),
      ...(parser === 'ours' ? {} : { parse: parseWithSipJs }),
    },
  );
  if (transactionMemoryMs !== undefined) forgetTransactionsAfter(transactionMemoryMs);
  const [sipPort = 0, tcpPort = 0] = (['udp', 'tcp'] as const).map((name) => system?.sip.local(name)?.port);
  return { type: 'started', sipPort, tcpPort };
}

function tokens(count: number): string[] {
  const made: string[] = [];
  while (made.length < count) {
    expected += 1;
    const rendezvous = system?.interceptor.expect({
      session: makeId<SessionId>('ses', randomBytes),
      call: { platform: PLATFORM, call_id: `bench-${expected}` },
      start: 'await_invite',
      timeoutMs: TOKEN_TIMEOUT_MS,
      mask: { style: 'comfort_noise', hold: 'per_key' },
      sealTo: SEAL_TO,
    });
    if (rendezvous?.ok !== true) break;
    made.push(tokenOf(rendezvous.value.sip_uri));
  }
  return made;
}

const tokenOf = (uri: string): string => /^sip:([^@]+)@/.exec(uri)?.[1] ?? '';

function sample(collectGarbage: boolean): SystemSample {
  const { user, system: kernel } = process.cpuUsage();
  // Twice: what the first pass makes unreachable through weak references goes with the second.
  if (collectGarbage) for (let pass = 0; pass < 2; pass += 1) globalThis.gc?.();
  const { heapUsed, rss } = process.memoryUsage();
  return {
    cpuMs: (user + kernel) / 1_000,
    heapUsedBytes: heapUsed,
    rssBytes: rss,
    open: { ...system?.sip.diagnostics(), calls: system?.interceptor.liveCalls ?? 0 },
    errors,
  };
}

const answer = (message: SystemAnswer): void => {
  process.send?.(message);
};

process.on('message', (request: SystemRequest) => {
  switch (request.type) {
    case 'start':
      start(request).then(answer, (error: unknown) => answer({ type: 'failed', problem: String(error) }));
      break;
    case 'tokens':
      answer({ type: 'tokens', tokens: tokens(request.count) });
      break;
    case 'sample':
      answer({ type: 'sample', sample: sample(request.collectGarbage) });
      break;
    case 'stop':
      void system?.close(0).finally(() => process.disconnect());
  }
});
process.on('disconnect', () => {
  rmSync(directory, { recursive: true, force: true });
  process.exit();
});
