import { createReadStream, createWriteStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { auditFileName, auditFiles, isPacked, PACKED } from './files.ts';

/** Days that lie as text, so that a question about the last three months is answered at once (PCI DSS v4.0.1, 10.5.1). */
const AT_HAND_DAYS = 92;
const DAY_MS = 86_400_000;
const OWNER_ONLY = 0o600;

/**
 * Packs the days that are no longer asked for every day, one after the other. A packed day holds the very same lines: the verifier, the
 * API and the evidence read it as they read the others. Its text goes only when the packed one is on disk.
 */
export async function packOldDays(directory: string, nowMs: number): Promise<void> {
  const firstAtHand = auditFileName(new Date(nowMs - AT_HAND_DAYS * DAY_MS));
  for (const name of auditFiles(directory)) {
    if (isPacked(name) || name >= firstAtHand) continue;
    const path = join(directory, name);
    const half = `${path}${PACKED}.half`;
    await pipeline(createReadStream(path), createGzip(), createWriteStream(half, { mode: OWNER_ONLY }));
    const file = await open(half);
    try {
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(half, path + PACKED);
    await rm(path);
  }
}
