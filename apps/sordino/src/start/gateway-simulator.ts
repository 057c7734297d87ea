import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface SimulatorProcess {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * The gateway simulator as a process of its own, on loopback. Not in this process: it reads the request as JSON, and
 * a card number that is a string in our heap is what rule 6 forbids, test card or not.
 */
export async function startSimulatorProcess(): Promise<SimulatorProcess> {
  const main = fileURLToPath(new URL('./gateway/main.js', import.meta.resolve('@sordino/testkit')));
  const child = spawn(process.execPath, [main], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', (line) => resolve(JSON.parse(line).url));
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the gateway simulator ended with status ${code}`)));
  });
  return {
    url,
    close: async () => {
      child.kill('SIGTERM');
      await exited;
    },
  };
}
