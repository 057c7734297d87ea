import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { openApiDocument } from '@sordino/app-payments';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { repoRoot } from '../repo-root.ts';

/** Pages that show how the session API is called. (A gateway's own calls, and the relay's, are other APIs.) */
const PAGES = [
  ...['docs/api/README.md', 'docs/api/errors.md', 'docs/integrate/README.md'],
  ...['docs/integrate/onboard-a-platform.md', 'docs/operations/README.md', 'docs/operations/failures.md'],
  ...['docs/security/README.md', 'docs/security/audit.md', 'docs/security/mask-attestation.md'],
  ...['docs/glossary.md', 'apps/payments/README.md', 'README.md'],
];

interface Parameter {
  readonly $ref?: string;
  readonly name?: string;
  readonly in?: string;
}
interface Operation {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly $ref?: string };
}
type PathItem = Readonly<Record<string, Operation>> & { readonly parameters?: readonly Parameter[] };
const document = openApiDocument() as {
  readonly paths: Readonly<Record<string, PathItem>>;
  readonly components: { readonly parameters: Readonly<Record<string, Parameter>> };
};
const ajv = new Ajv2020({ strict: false, validateFormats: false });
ajv.addSchema({ $id: 'api', ...document });

/** `{id}`, `:id` and `$SES` all stand for something. */
const shapeOf = (path: string): string => path.replace(/\{\w+\}|:\w+|\$\w+/g, '{}');
const pathOf = (path: string): string | undefined => {
  const names = Object.keys(document.paths);
  // A collect of `card_number` is one of `{name}`.
  const fits = (name: string) =>
    new RegExp(`^${shapeOf(name).replaceAll('{}', '[^/]+')}$`).test(shapeOf(path));
  return names.find((name) => shapeOf(name) === shapeOf(path)) ?? names.find(fits);
};

function parametersOf(method: string, path: string): readonly (string | undefined)[] {
  const item = document.paths[path];
  const all = [...(item?.parameters ?? []), ...(item?.[method.toLowerCase()]?.parameters ?? [])];
  return all.map(({ $ref, name }) =>
    $ref === undefined ? name : document.components.parameters[$ref.split('/').at(-1) ?? '']?.name,
  );
}

interface Call {
  readonly page: string;
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly body?: unknown;
}

const read = (page: string): string => readFileSync(join(repoRoot, page), 'utf8');

function curlsOf(page: string): Call[] {
  const lines = read(page).replaceAll('\\\n', ' ');
  return [...lines.matchAll(/curl [^\n|]*?\$API(\/v1\/[^\s?]+)(\S*)([^\n|]*)/g)].map(
    ([whole, path = '', query = '']) => {
      const [, single, double] = / -d (?:'([^']*)'|"((?:\\"|[^"])*)")/.exec(whole) ?? [];
      const body = single ?? double?.replaceAll('\\"', '"').replace('$SES', `ses_${'a'.repeat(26)}`);
      const method = / -X (\w+)/.exec(whole)?.[1] ?? (body === undefined ? 'GET' : 'POST');
      return { page, method, path, query, ...(body !== undefined && { body: JSON.parse(body) as unknown }) };
    },
  );
}

const namedOf = (page: string): Call[] =>
  [...read(page).matchAll(/\b(GET|POST|PUT|DELETE) (\/v1\/[\w/{}:]+)(\?[\w=&]*)?/g)].map(
    ([, method = '', path = '', query = '']) => ({ page, method, path, query }),
  );

/** A body in a paragraph or a row belongs to the call that was named last before it: `POST …/resolve`, `clear`, or with the body. */
function bodiesOf(page: string): Call[] {
  return read(page)
    .split(/\n(?=\n|\|)/)
    .flatMap((paragraph) => {
      let path: string | undefined;
      return [...paragraph.matchAll(/`([^`]+)`/g)].flatMap(([, text = '']): Call[] => {
        const [, named] = /^(?:POST )?(?:…?\/(?:[\w/{}]*\/)?)?([a-z_]+)(?= \{|$)/.exec(text) ?? [];
        const known = Object.keys(document.paths).find((one) => named && one.endsWith(`/${named}`));
        if (known !== undefined) path = known;
        const [json] = /\{"\w+":.*\}$/s.exec(text) ?? [];
        if (json === undefined || path === undefined) return [];
        return [{ page, method: 'POST', path, query: '', body: JSON.parse(json) as unknown }];
      });
    });
}

const calls = PAGES.flatMap((page) => [...curlsOf(page), ...namedOf(page)]);
const bodies = [...calls, ...PAGES.flatMap(bodiesOf)].filter(({ body }) => body !== undefined);

describe('what the pages say of the session API', () => {
  it('is found', () => {
    expect(calls.length).toBeGreaterThan(50);
    expect(bodies.map(({ path }) => path.split('/').at(-1))).toEqual(
      expect.arrayContaining(['sessions', 'clear', 'resolve', 'confirm', 'play', 'agent_tokens', 'faults']),
    );
  });

  it('names operations and parameters that there are', () => {
    const wrong = calls.filter(({ method, path, query }) => {
      const known = pathOf(path);
      if (known === undefined || document.paths[known]?.[method.toLowerCase()] === undefined) return true;
      const names = parametersOf(method, known);
      return [...query.matchAll(/[?&](\w+)=/g)].some(([, name]) => !names.includes(name));
    });
    expect(wrong).toEqual([]);
  });

  it.each(bodies.map((call) => [`${call.method} ${call.path}: ${JSON.stringify(call.body)}`, call] as const))(
    'shows a body that is taken: %s',
    (_, { method, path, body }) => {
      const known = pathOf(path) ?? '';
      const operation = document.paths[known]?.[method.toLowerCase()];
      const own = `#/paths/${encodeURIComponent(known.replaceAll('/', '~1'))}/${method.toLowerCase()}/requestBody`;
      const validate = ajv.compile({
        $ref: `api${operation?.requestBody?.$ref ?? own}/content/application~1json/schema`,
      });
      validate(body);
      expect(validate.errors ?? []).toEqual([]);
    },
  );
});
