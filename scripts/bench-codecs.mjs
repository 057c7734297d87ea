// `npm run bench:codecs`: CPU time for each 20 ms of audio, by codec: decoding, encoding, and the whole customer's path.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, ensureNode, ensurePackages, root } from './lib/setup.mjs';

ensureNode();
ensurePackages();
if (build() !== 0) process.exit(1);

const built = (path) => import(pathToFileURL(join(root, 'packages', path)).href);
const { createDecoder, createEncoder, createStripper, linearRateHz, timestampsPerTick } =
  await built('media/dist/index.js');
const { WasmOpus } = await built('relay/dist/worker/opus/wasm-opus.js');
const { warmUp } = await built('relay/dist/worker/warm-up.js');

const reportFile = process.argv[process.argv.indexOf('--report') + 1];
/** Frames measured at a time, and how often: the median of the rounds is reported, the first two warm up. */
const FRAMES = process.argv.includes('--quick') ? 1_000 : 5_000;
const ROUNDS = 7;
const opus = new WasmOpus();
// As a worker does: without it the classes of whatever comes later are laid out badly (decision 0036).
await warmUp({ createStripper, opus });

/** Noise with the level of a voice: nothing is skipped for being quiet, and nothing is taken for a key. */
function noise(samples, seed) {
  let state = seed;
  return Int16Array.from({ length: samples }, () => {
    state = (state * 48_271) % 0x7fffffff;
    return Math.round((state / 0x7fffffff - 0.5) * 6_000);
  });
}

/** Median of the CPU time (user and system) of one call of `frame`, us. */
function microseconds(frame) {
  const rounds = Array.from({ length: ROUNDS }, () => {
    const before = process.cpuUsage();
    for (let n = 0; n < FRAMES; n += 1) frame(n);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / FRAMES;
  });
  const settled = rounds.slice(2).sort((a, b) => a - b);
  return Math.round((settled[Math.floor(settled.length / 2)] ?? 0) * 10) / 10;
}

/** Fifty frames of a codec, each other noise. */
function framesOf(codec) {
  const rateHz = linearRateHz(codec);
  const samples = rateHz / 50;
  const encoder = createEncoder(codec, rateHz, opus);
  const into = new Uint8Array(4_000);
  return Array.from({ length: 50 }, (_, n) =>
    into.slice(0, encoder.encode(noise(samples, n + 1), samples, into)),
  );
}

function codecCost(codec) {
  const rateHz = linearRateHz(codec);
  const frames = framesOf(codec);
  const decoder = createDecoder(codec, rateHz, opus);
  const encoder = createEncoder(codec, rateHz, opus);
  const pcm = new Int16Array(1_920);
  const payload = new Uint8Array(4_000);
  const sounds = Array.from({ length: 50 }, (_, n) => noise(rateHz / 50, n + 1));
  const decode = microseconds((n) => decoder.decode(frames[n % 50], frames[n % 50].length, pcm));
  const encode = microseconds((n) => encoder.encode(sounds[n % 50], rateHz / 50, payload));
  return { decode_us: decode, encode_us: encode };
}

function pathCost(customerCodec, cleanCodec) {
  const frames = framesOf(customerCodec);
  let sequence = 0;
  const stripper = createStripper(
    {
      customerCodec,
      customerAudioPayloadType: 0,
      customerEventPayloadType: 101,
      cleanCodec,
      packetTimeMs: 20,
      lookbackMs: 30,
      mask: { style: 'flat_tone', hold: 'per_key' },
      opus,
    },
    { cleanFrame() {}, key() {}, transportUnexpected() {} },
  );
  return microseconds(() => {
    const payload = frames[sequence % 50];
    const timestamp = (sequence * 160 * timestampsPerTick(customerCodec)) >>> 0;
    const packet = {
      payloadType: 0,
      marker: false,
      sequence: sequence & 0xffff,
      timestamp,
      ssrc: 1,
      payload,
    };
    stripper.packet(packet, sequence * 20);
    sequence += 1;
  });
}

const codecs = ['PCMU', 'G722', 'L16/8000', 'L16/16000', 'opus'];
const ways = [
  ['PCMU', 'PCMU'],
  ['L16/16000', 'L16/16000'],
  ['G722', 'G722'],
  ['G722', 'PCMU'],
  ['opus', 'opus'],
  ['opus', 'PCMU'],
  ['PCMU', 'opus'],
];
const report = {
  codecs: Object.fromEntries(codecs.map((codec) => [codec, codecCost(codec)])),
  path_us: Object.fromEntries(ways.map(([from, to]) => [`${from} to ${to}`, pathCost(from, to)])),
};
console.table(report.codecs);
console.table(report.path_us);
if (process.argv.includes('--report')) writeFileSync(reportFile, `${JSON.stringify(report, null, 2)}\n`);
