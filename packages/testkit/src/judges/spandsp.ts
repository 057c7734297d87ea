import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runFilter } from './run-filter.ts';

/** Not copied to dist: it is compiled where it lies, from src. */
const SOURCE = fileURLToPath(new URL('../../src/judges/spandsp.c', import.meta.url));
const CACHE = fileURLToPath(new URL('../../../../node_modules/.cache/sordino/', import.meta.url));

export interface SpandspDigit {
  readonly key: string;
  /** When the receiver reported it: 30 to 40 ms after the key's onset. 8 kHz samples from the first one handed in. */
  readonly sample: number;
}

/** What the receiver takes; spandsp's own limits are 8 dB, 4 dB and -42 dBm0. */
export interface SpandspLimits {
  /** How much louder the low tone may be, dB. */
  readonly twistDb: number;
  /** How much louder the high tone may be, dB. */
  readonly reverseTwistDb: number;
  readonly thresholdDbm0: number;
}

/** Wider than any switch: for finding what leaked. */
export const SPANDSP_WIDENED: SpandspLimits = { twistDb: 12, reverseTwistDb: 12, thresholdDbm0: -55 };

/** Debian's spandsp: a DTMF receiver of a switch, GSM 06.10 and G.722. Nothing of it is the product's. */
export class Spandsp {
  readonly #program: string;

  private constructor(program: string) {
    this.#program = program;
  }

  /** Compiles the program, once for each version of it and machine. Rejects where gcc or libspandsp-dev is missing. */
  static async compiled(): Promise<Spandsp> {
    const hash = createHash('sha256')
      .update(await readFile(SOURCE))
      .digest('hex');
    const program = join(CACHE, `spandsp-${process.arch}-${hash.slice(0, 16)}`);
    if (!existsSync(program)) await compile(program);
    return new Spandsp(program);
  }

  /** The keys that a switch would read from 8 kHz audio, in order. */
  async dtmf(samples: Int16Array, limits?: SpandspLimits): Promise<SpandspDigit[]> {
    const { twistDb, reverseTwistDb, thresholdDbm0 } = limits ?? {};
    const given = limits === undefined ? [] : [twistDb, reverseTwistDb, thresholdDbm0].map(String);
    const output = await this.#run(['dtmf', ...given], bytesOf(samples));
    return output
      .toString('latin1')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => ({ key: line.slice(0, 1), sample: Number(line.slice(2)) }));
  }

  /** 8 kHz audio as it comes out of a GSM phone call: coded and decoded. Whole frames of 20 ms only. */
  async throughGsm(samples: Int16Array): Promise<Int16Array> {
    return samplesOf(await this.#run(['gsm-decode'], await this.#run(['gsm-encode'], bytesOf(samples))));
  }

  /** To G.722 at 64 kbit/s: one byte for each two samples of 16 kHz, or for each sample of 8 kHz. */
  g722Encode(samples: Int16Array, rateHz: 8_000 | 16_000): Promise<Uint8Array> {
    return this.#run([rateHz === 8_000 ? 'g722-encode-8k' : 'g722-encode'], bytesOf(samples));
  }

  async g722Decode(code: Uint8Array, rateHz: 8_000 | 16_000): Promise<Int16Array> {
    return samplesOf(await this.#run([rateHz === 8_000 ? 'g722-decode-8k' : 'g722-decode'], code));
  }

  #run(args: readonly string[], input: Uint8Array): Promise<Buffer> {
    return runFilter(this.#program, args, input);
  }
}

/** Beside its place and then moved there: two tests may do it at the same time. */
async function compile(program: string): Promise<void> {
  await mkdir(CACHE, { recursive: true });
  const scratch = await mkdtemp(join(CACHE, 'build-'));
  try {
    const built = join(scratch, 'spandsp');
    await runFilter('gcc', ['-O2', '-o', built, SOURCE, '-lspandsp', '-lm'], new Uint8Array());
    await rename(built, program);
  } catch (cause) {
    throw new Error('spandsp.c does not compile; Debian: apt-get install gcc libspandsp-dev', { cause });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

const bytesOf = (samples: Int16Array): Uint8Array =>
  new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);

/** Copied: a Buffer may lie at an odd address. */
function samplesOf(bytes: Uint8Array): Int16Array {
  const whole = new Uint8Array(bytes.length & ~1);
  whole.set(bytes.subarray(0, whole.length));
  return new Int16Array(whole.buffer);
}
