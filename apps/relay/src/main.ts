/** The media relay alone, driven by its control API: docs/relay-control.md. */
import { parseArgs } from 'node:util';
import type { Log } from '@sordino/core';
import type { PacketIoChoice } from '@sordino/relay';
import { composeRelay } from './compose.ts';
import { serveControl } from './control/server.ts';

const HELP = `relay: the media relay alone, driven by HTTP (docs/relay-control.md)

  RELAY_CONTROL_TOKEN=…      at least 32 characters, for Authorization: Bearer
  --listen 127.0.0.1:9091    where the control API is
  --media-host 127.0.0.1     where RTP is
  --ports 20000-29999        UDP ports; 0-0: any
  --workers 1                threads, one for each core
  --packet-io auto           auto, native or dgram
`;

const write =
  (level: string) =>
  (message: string, fields = {}): void =>
    console.error(JSON.stringify({ level, message, ...fields }));
const log: Log = { debug: () => {}, info: write('info'), warn: write('warn'), error: write('error') };

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      help: { type: 'boolean', default: false },
      listen: { type: 'string', default: '127.0.0.1:9091' },
      'media-host': { type: 'string', default: '127.0.0.1' },
      ports: { type: 'string', default: '20000-29999' },
      workers: { type: 'string', default: '1' },
      'packet-io': { type: 'string', default: 'auto' },
    },
  });
  if (values.help) {
    console.log(HELP);
    return;
  }
  const [, host, port] = /^\[?(.+?)\]?:(\d+)$/.exec(values.listen) ?? [];
  if (host === undefined) throw new Error(`--listen is ${values.listen}; it must be such as 127.0.0.1:9091`);
  const [min = Number.NaN, max = Number.NaN] = values.ports.split('-').map(Number);
  const relay = await composeRelay(
    {
      workers: Number(values.workers),
      host: values['media-host'],
      ports: { min, max },
      packetIo: values['packet-io'] as PacketIoChoice,
    },
    log,
  );
  const token = process.env.RELAY_CONTROL_TOKEN ?? '';
  const control = await serveControl(relay, { host, port: Number(port), token, log }).catch(
    async (error: unknown) => {
      await relay.close();
      throw error;
    },
  );
  console.log(JSON.stringify({ control: control.url }));
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.once(signal, () => void control[Symbol.asyncDispose]().then(() => relay.close()));
}

main().catch((error: unknown) => {
  console.error(`relay: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 2;
});
