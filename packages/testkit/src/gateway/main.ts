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
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void gateway.close());
// A parent that forked us and is gone will not ask for anything any more.
process.once('disconnect', () => void gateway.close());
