// A child process of warm-up.test.ts, with --expose-gc and --allow-natives-syntax. Makes ten of each class that a call has one of, each forgotten
// and collected before the next, as in a quiet night, and prints which of them are laid out well at the end. `warm`: after the warm-up.
import { createStripper } from '@sordino/media';
import { SubBand } from '../../../media/dist/codecs/g722/sub-band.js';
import { WasmOpus } from '../../dist/worker/opus/wasm-opus.js';
import { warmUp } from '../../dist/worker/warm-up.js';

const ORDINARY = {
  ...{
    customerCodec: 'PCMU',
    customerAudioPayloadType: 0,
    customerEventPayloadType: 101,
    cleanCodec: 'PCMU',
  },
  ...{ packetTimeMs: 20, lookbackMs: 30, mask: { style: 'silence', hold: 'per_key' } },
};
const makers = {
  stripper: () => createStripper(ORDINARY, { cleanFrame() {}, key() {}, transportUnexpected() {} }),
  subBand: () => new SubBand('low'),
};

if (process.argv[2] === 'warm') await warmUp({ createStripper, opus: new WasmOpus() });
// Written so that tools that do not know V8's own syntax can read this file.
const hasFastProperties = new Function('object', 'return %HasFastProperties(object)');
const isFast = Object.fromEntries(Object.keys(makers).map((name) => [name, true]));
// A function of its own, so that nothing here holds what it made.
const make = (name, maker) => {
  isFast[name] = hasFastProperties(maker());
};
for (let round = 0; round < 10; round += 1) {
  for (const [name, maker] of Object.entries(makers)) make(name, maker);
  globalThis.gc();
}
console.log(JSON.stringify(isFast));
