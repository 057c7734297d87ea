import { spawn } from 'node:child_process';

/** Ten minutes of audio are judged in seconds; what takes longer than this hangs. */
const FILTER_MAX_MS = 120_000;

/** Runs a program over `input` and resolves with all it wrote. Rejects with what it complained about. */
export function runFilter(command: string, args: readonly string[], input: Uint8Array): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: 'pipe', timeout: FILTER_MAX_MS });
    const [output, complaints]: Buffer[][] = [[], []];
    child.stdout.on('data', (chunk: Buffer) => output?.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => complaints?.push(chunk));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) resolve(Buffer.concat(output ?? []));
      else {
        const said = Buffer.concat(complaints ?? []).toString();
        reject(new Error(`${command} ${args.join(' ')} ended with ${code ?? signal}: ${said.trim()}`));
      }
    });
    // A program that ends early has said why by its exit status.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}
