import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { OpenApiDocument } from '@sordino/testkit';

const repository = fileURLToPath(new URL('../../../../', import.meta.url));

/**
 * A gateway's published description, from beside the repository. Undefined when it is not there: then the simulators go by their own schemas
 * only.
 */
export function publishedApi(path: string): OpenApiDocument | undefined {
  const shared = process.env.SORDINO_SHARED ?? join(repository, '../shared');
  const file = join(shared, 'gateway-specs', path);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as OpenApiDocument) : undefined;
}
