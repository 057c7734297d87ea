import { performance } from 'node:perf_hooks';
import { parentPort, workerData } from 'node:worker_threads';
import { createStripper } from '@sordino/media';
import { watchGarbage } from './garbage.ts';
import { openPacketIo } from './io/open-packet-io.ts';
import { WasmOpus } from './opus/wasm-opus.ts';
import type { WorkerSettings } from './protocol.ts';
import { RelayWorker } from './relay-worker.ts';
import { warmUp, warmUpOpus, warmUpSrtp } from './warm-up.ts';

/** The thread's entry: real clock, real stripper, real port. The main thread ends the thread; nothing here does. */
const port = parentPort;
if (port === null)
  throw new Error('worker/main is started by openMediaRelay as a worker thread, not as a program');

const settings = workerData as WorkerSettings;
const opus = new WasmOpus();
const worker = new RelayWorker(settings, {
  io: openPacketIo(settings.addon),
  createStripper,
  opus,
  clock: { monotonicMs: () => performance.now(), wallMs: () => Date.now() },
  random: Math.random,
  gc: watchGarbage(),
  send: (message, transfer) => port.postMessage(message, transfer),
});
port.on('message', (message: unknown) => void worker.handle(message));
await warmUp({ createStripper, opus });
warmUpSrtp();
warmUpOpus(opus);
worker.start();
