#!/usr/bin/env node
import { parseArgs } from 'node:util';
import { startGatewaySimulator } from './gateway-simulator.ts';

/** `node dist/gateway/main.js [--host 127.0.0.1] [--port 0]`: prints {"url":…} on one line and serves until SIGTERM. */
const { values } = parseArgs({ options: { host: { type: 'string' }, port: { type: 'string' } } });
const port = Number(values.port ?? 0);
if (!Number.isInteger(port) || port < 0 || port > 65_535) {
  process.stderr.write(
    `--port is "${values.port}": use a number from 0 (any free port) to 65535, e.g. --port 8090\n`,
  );
  process.exit(2);
}

const gateway = await startGatewaySimulator({ host: values.host ?? '127.0.0.1', port });
process.stdout.write(`${JSON.stringify({ url: gateway.url })}\n`);
// Forked, it serves as long as its parent is there: a signal that was meant for the whole group must not cost it a payment in progress.
const forked = process.send !== undefined;
for (const signal of ['SIGTERM', 'SIGINT'] as const)
  process.on(signal, () => void (forked || gateway.close()));
process.once('disconnect', () => void gateway.close());
