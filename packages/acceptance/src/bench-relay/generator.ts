import { type ChildProcessWithoutNullStreams, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { speechLike, take } from '@sordino/testkit';
import { encodeOpus, type OpusShape } from '../codecs/opus-line.ts';
import { onCore } from './on-core.ts';
import type { Media, OpenedCall } from './relay-under-test.ts';

/** Not copied to dist: it is compiled where it lies, in src. */
const SOURCE = fileURLToPath(new URL('../../src/bench-relay/generator.c', import.meta.url));
const SAMPLES_PER_MS = 8;
/** A browser's: the speech mode, up to its full band. */
const OPUS: OpusShape = { rateHz: 48_000, isSpeech: true, bitsPerSecond: 32_000, repeats: false };
/** A circle, as that of the samples in generator.c. */
const OPUS_LOOP_MS = 4_000;
const PACKET_MS = 20;
const TALKER_SEED = 4;

interface Delays {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** What generator.c reports of the measured time. */
export interface Heard {
  readonly calls: number;
  readonly measureMs: number;
  readonly sent: number;
  /** Came with the audio that they were sent with. */
  readonly delivered: number;
  /** Came with other audio: masked, or replacement for what did not come in time. */
  readonly altered: number;
  /** Beyond the look-back. */
  readonly toAgentMs: Delays;
  readonly toCustomerMs: Delays;
  readonly unknown: number;
  /** Did not decrypt. */
  readonly unauthentic: number;
  readonly refusedSends: number;
  readonly generatorLateMaxMs: number;
}

/** The program of generator.c. Dispose: its file goes. */
export class GeneratorProgram implements AsyncDisposable {
  readonly #folder: string;
  readonly #file: string;
  readonly #opusFile: string;

  private constructor(folder: string) {
    this.#folder = folder;
    this.#file = join(folder, 'generator');
    this.#opusFile = join(folder, 'voice.opus');
  }

  static async compile(): Promise<GeneratorProgram> {
    const program = new GeneratorProgram(await mkdtemp(join(tmpdir(), 'sordino-generator-')));
    await promisify(execFile)('gcc', ['-O2', '-o', program.#file, SOURCE, '-lm', '-lsrtp2']);
    await writeFile(program.#opusFile, opusLoop());
    return program;
  }

  start(calls: number, core: number, media: Media, keepsOpusPackets: boolean): Generator {
    const flags = {
      RTP: [],
      SRTP: ['srtp'],
      Opus: ['opus', this.#opusFile, keepsOpusPackets ? 'kept' : 'anew'],
    }[media];
    return new Generator(spawn(...onCore(core, [this.#file, String(calls), ...flags])));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true });
  }
}

/** Packets, each behind its length in two octets. */
function opusLoop(): Buffer {
  const packets = encodeOpus(take(speechLike(TALKER_SEED), OPUS_LOOP_MS), PACKET_MS, OPUS);
  return Buffer.concat(
    packets.flatMap((packet) => [Buffer.from([packet.length >> 8, packet.length & 0xff]), packet]),
  );
}

/** One run: `ports`, then `call` for each pair of them, then `run`. */
class Generator implements AsyncDisposable {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  readonly #reader: Interface;
  #said = '';

  constructor(child: ChildProcessWithoutNullStreams) {
    this.#child = child;
    this.#reader = createInterface({ input: child.stdout });
    this.#lines = this.#reader[Symbol.asyncIterator]();
    child.stderr.on('data', (text: Buffer) => {
      this.#said += text;
    });
  }

  /** Customer and agent in turn. */
  async ports(): Promise<readonly number[]> {
    return (await this.#line()).split(' ').slice(1).map(Number);
  }

  /** The next call goes to these ports of the relay. */
  call({ customer, clean, keys }: OpenedCall): void {
    this.#child.stdin.write(`${[customer, clean, ...(keys ?? [])].join(' ')}\n`);
  }

  async run(
    plan: { readonly warmMs: number; readonly measureMs: number },
    lookbackMs: { readonly toAgent: number; readonly toCustomer: number },
    at: (moment: 'begin' | 'end') => void,
  ): Promise<Heard> {
    const lookbacks = [lookbackMs.toAgent, lookbackMs.toCustomer].map((ms) => ms * SAMPLES_PER_MS);
    this.#child.stdin.write(`run ${plan.warmMs} ${plan.measureMs} ${lookbacks.join(' ')}\n`);
    for (const moment of ['begin', 'end'] as const) {
      const line = await this.#line();
      if (line !== moment) throw new Error(`the generator said ${line}, not ${moment}`);
      at(moment);
    }
    return JSON.parse(await this.#line()) as Heard;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#reader.close();
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }

  async #line(): Promise<string> {
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error(`the generator ended: ${this.#said}`);
    return value;
  }
}
