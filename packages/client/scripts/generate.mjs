/**
 * Writes `src/generated` from the OpenAPI document: `api.ts` (types, by openapi-typescript) and `operations.ts` (what a call needs at run time).
 * With `--check`, only says whether they are as they would be written; a test runs that.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import openapiTypescript, { astToString } from 'openapi-typescript';
import { parse } from 'yaml';

const SOURCE = new URL('../../../apps/payments/openapi/sordino.yaml', import.meta.url);
const GENERATED = new URL('../src/generated/', import.meta.url);
const HEAD =
  '// Made by `npm run generate -w packages/client` from the OpenAPI document. Not to be changed by hand.\n';

const text = readFileSync(SOURCE, 'utf8');
// `{ type: object }` is any object here, not an empty one.
const types = astToString(await openapiTypescript(text, { emptyObjectsUnknown: true, immutable: true }));

const isIdempotent = (parameters) => parameters.some(({ $ref }) => /IdempotencyKey/.test($ref ?? ''));
const isCall = ([path]) => path.startsWith('/v1/');
const operations = Object.entries(parse(text).paths)
  .filter(isCall)
  .flatMap(([path, item]) =>
    ['get', 'post'].flatMap((method) => {
      const operation = item[method];
      // A stream is no call with an answer: the client follows it by hand.
      if (operation === undefined || operation.responses['200']?.content?.['text/event-stream']) return [];
      const keyed = isIdempotent(operation.parameters ?? []);
      return [
        `  ${operation.operationId}: { method: '${method.toUpperCase()}', path: '${path}', keyed: ${keyed} },\n`,
      ];
    }),
  );

const files = {
  'api.ts': `${HEAD}${types}`,
  'operations.ts': `${HEAD}
/** Each operation under /v1 that has one answer. \`keyed\`: it takes an Idempotency-Key, so it can be repeated. */
export const OPERATIONS = {
${operations.join('')}} as const;
`,
};

for (const [name, wanted] of Object.entries(files)) {
  const path = new URL(name, GENERATED);
  if (!process.argv.includes('--check')) writeFileSync(path, wanted);
  else if (readFileSync(path, 'utf8') !== wanted) {
    process.stderr.write(
      `${fileURLToPath(path)} is not what the OpenAPI document says: npm run generate -w packages/client\n`,
    );
    process.exitCode = 1;
  }
}
