export interface WavShape {
  readonly channels?: number;
  readonly rateHz?: number;
  readonly bits?: number;
  readonly coding?: number;
  readonly extensible?: boolean;
  /** Name and content of a chunk before the others. */
  readonly before?: readonly [string, string];
  /** False: the format chunk is left out. */
  readonly format?: boolean;
}

/** A WAV file, right or wrong. */
export function wav(samples: readonly number[], shape: WavShape = {}): Buffer {
  const { channels = 1, rateHz = 8_000, bits = 16, coding = 1, extensible = false } = shape;
  const format = Buffer.alloc(extensible ? 40 : 16);
  format.writeUInt16LE(extensible ? 0xfffe : coding, 0);
  format.writeUInt16LE(channels, 2);
  format.writeUInt32LE(rateHz, 4);
  format.writeUInt32LE((rateHz * channels * bits) / 8, 8);
  format.writeUInt16LE((channels * bits) / 8, 12);
  format.writeUInt16LE(bits, 14);
  if (extensible) format.writeUInt16LE(coding, 24);
  const chunks = [
    ...(shape.before === undefined ? [] : [chunk(shape.before[0], Buffer.from(shape.before[1]))]),
    ...(shape.format === false ? [] : [chunk('fmt ', format)]),
    chunk('data', Buffer.from(Int16Array.from(samples).buffer)),
  ];
  return chunk('RIFF', Buffer.concat([Buffer.from('WAVE'), ...chunks]));
}

function chunk(name: string, body: Buffer): Buffer {
  const header = Buffer.alloc(8);
  header.write(name, 'latin1');
  header.writeUInt32LE(body.length, 4);
  return Buffer.concat([header, body, Buffer.alloc(body.length & 1)]);
}
