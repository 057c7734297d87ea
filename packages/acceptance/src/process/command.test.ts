import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type RunEnd, runSordino } from '@sordino/sordino';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sordino-command-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

interface Ended extends RunEnd {
  readonly output: readonly string[];
}

/** Runs a command that must end by itself. */
async function sordino(args: readonly string[], environment: Record<string, string> = {}): Promise<Ended> {
  const run = runSordino(args, { environment, cwd: directory });
  return { ...(await run.ended), output: run.output };
}

async function withConfig(yaml: string, environment: Record<string, string> = {}): Promise<Ended> {
  const file = join(directory, 'config.yaml');
  await writeFile(file, yaml);
  return sordino(['start', '--config', file], environment);
}

/** Everything on free ports, so that only what a test breaks is wrong. */
const free = ({ api = 0, protocol = 'udp', sip = 0 } = {}): string => `
sip: { listen: [{ protocol: ${protocol}, host: 127.0.0.1, port: ${sip} }] }
media: { host: 127.0.0.1, port_min: 0, port_max: 0 }
api: { host: 127.0.0.1, port: ${api} }
store: { kind: memory }
connectors: [{ id: con_sandbox, type: sandbox, url: "http://127.0.0.1:9" }]
`;

describe('the command sordino', () => {
  it.each([[[]], [['help']], [['--help']], [['start', '--help']]])('%j shows the help', async (args) => {
    const { status, output } = await sordino(args);
    expect(status).toBe(0);
    expect(output.join('\n')).toMatch(/sordino start[\s\S]*--config FILE[\s\S]*sordino demo[\s\S]*--keys/);
  });

  it('names what it knows when asked for what it does not', async () => {
    const { status, output } = await sordino(['strat']);
    expect(status).toBe(2);
    expect(output).toContain(
      'sordino: no command strat; there are: start, farewell, check-platform, audit, keys, demo',
    );
  });

  it('refuses a flag that it does not know', async () => {
    const { status, output } = await sordino(['start', '--confg', 'x.yaml']);
    expect(status).not.toBe(0);
    expect(output).toEqual([expect.stringContaining('--confg')]);
  });
});

describe('sordino start with a configuration that is wrong', () => {
  it.each([
    ['a value out of range', 'api: { port: 99999 }', [/^sordino: api\.port: .*65535.*example: port: 8080$/]],
    ['an unknown key', 'api: { prot: 8080 }', [/^sordino: api\.prot: no such key; known here: .*port/]],
    ['what is not YAML', 'api: { port: [', [/^sordino: .*config\.yaml: not YAML: /]],
    [
      'three wrongs',
      'api: { port: http }\nlog: { level: loud }\nplatforms: [{ id: plt_a }]',
      [
        /^sordino: api\.port: .*number.*example: port: 8080$/,
        /^sordino: platforms\.0\.return_uri: .*example: return_uri: "sip:/,
        /^sordino: log\.level: .*debug.*example: level: info$/,
      ],
    ],
  ])('%s: status 2 and a line for each', async (_what, yaml, lines) => {
    const { status, output } = await withConfig(yaml);
    expect(output).toEqual(lines.map((line) => expect.stringMatching(line)));
    expect(status).toBe(2);
  });

  it('names a file that is not there', async () => {
    const { status, output } = await sordino(['start', '--config', 'nowhere.yaml']);
    expect(output).toEqual(['sordino: nowhere.yaml: cannot be read (ENOENT)']);
    expect(status).toBe(2);
  });

  it('names the variable of the environment', async () => {
    const { status, output } = await withConfig(free(), { SORDINO_API__PORT: '[' });
    expect(output).toEqual([expect.stringMatching(/^sordino: SORDINO_API__PORT: not YAML/)]);
    expect(status).toBe(2);
  });
});

describe('sordino start where it cannot listen', () => {
  it('names the port of the API that somebody has taken', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const { status, output } = await withConfig(free({ api: port }));
    server.close();
    expect(status).toBe(1);
    expect(output.at(-1)).toMatch(new RegExp(`EADDRINUSE.*127\\.0\\.0\\.1:${port}.*sordino could not start`));
  });

  it.each(['udp', 'tcp'])(
    'names the %s port of SIP that another Sordino has taken',
    async (protocol) => {
      const config = join(directory, 'first.yaml');
      await writeFile(config, free({ protocol }));
      const first = runSordino(['start', '--config', config], { cwd: directory });
      const { sip } = await first.untilReady();
      const port = Number(sip.split(':').at(-1));
      const { status, output } = await withConfig(free({ protocol, sip: port }));
      expect(status).toBe(1);
      expect(output.at(-1)).toMatch(
        new RegExp(`SIP on ${protocol} 127\\.0\\.0\\.1:${port}.*EADDRINUSE.*sordino could not start`),
      );
      // Nobody calls: it goes at once.
      first.kill('SIGTERM');
      expect(await first.ended).toEqual({ status: 0, signal: null });
      expect(first.output.at(-1)).toContain('"msg":"stopped"');
    },
    60_000,
  );
});
