import { parentPort } from 'node:worker_threads';
import { HandshakeLegs } from './handshake-legs.ts';
import type { ToHandshakes } from './protocol.ts';

/** The handshake thread's entry. Public-key arithmetic takes milliseconds, which no media worker has. */
const port = parentPort;
if (port === null)
  throw new Error('handshakes/main is started by openMediaRelay as a worker thread, not as a program');

const legs = new HandshakeLegs((message) => port.postMessage(message));
// One handshake less must not be all of them. werift lets some promises reject where nobody waits, too.
const failed = (reason: unknown): void =>
  port.postMessage({ type: 'trouble', message: reason instanceof Error ? reason.name : String(reason) });
process.on('unhandledRejection', failed);
// One after the other: a leg is open before its first datagram is looked at.
let last = Promise.resolve();
port.on('message', (message: ToHandshakes) => {
  last = last.then(() => legs.handle(message)).catch(failed);
});
// Loads what it needs now, so that no call waits for it.
await import('werift');
port.postMessage({ type: 'ready' });
