import { openApiDocument } from '@sordino/app-payments';

interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
}

interface Parameter {
  readonly $ref?: string;
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly schema: Schema;
}

interface OperationObject {
  readonly operationId: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: {
    readonly $ref?: string;
    readonly content?: { readonly 'application/json'?: { readonly schema: Schema } };
  };
}

const document = openApiDocument() as {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly components: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
};

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

/** Ids by the name of their schema: `SessionId`. */
export type Ids = Readonly<Record<string, string>>;

export interface AskedFor {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

/** One operation of the OpenAPI document that takes ids. */
export interface OperationWithIds {
  readonly operationId: string;
  /** Names of their schemas. */
  readonly takes: readonly string[];
  /** The smallest request that fits the document, with these ids in it. */
  request(ids: Ids): AskedFor;
}

/** Every operation that takes an id, wherever in the request it stands. `values`: of what else is required and no enum or number. */
export function operationsWithIds(values: Readonly<Record<string, unknown>>): readonly OperationWithIds[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    METHODS.filter((method) => method in item)
      .map((method) => {
        const operation = item[method] as OperationObject;
        const shared = (item.parameters ?? []) as readonly Parameter[];
        return readOperation(method, path, operation, shared, values);
      })
      .filter(({ takes }) => takes.length > 0),
  );
}

function readOperation(
  method: string,
  path: string,
  { operationId, parameters = [], requestBody }: OperationObject,
  shared: readonly Parameter[],
  values: Readonly<Record<string, unknown>>,
): OperationWithIds {
  const all = [...shared, ...parameters].map((parameter) => resolve(parameter) as Parameter);
  const body = resolve(resolve(requestBody ?? {}).content?.['application/json']?.schema ?? {});
  const properties = Object.entries(body.properties ?? {});
  const takes = [
    ...all.map(({ schema }) => idSchema(schema)),
    ...properties.map(([, schema]) => idSchema(schema)),
  ];
  const sampleOf = (name: string, schema: Schema, ids: Ids): unknown => {
    const id = ids[idSchema(schema) ?? ''];
    if (id !== undefined) return id;
    if (name in values) return values[name];
    const { enum: words, type, minimum = 1 } = resolve(schema);
    if (words?.[0] !== undefined) return words[0];
    if (type === 'integer') return minimum;
    throw new Error(`${operationId}: tell this test a value for ${name}`);
  };
  return {
    operationId,
    takes: [...new Set(takes.filter((name) => name !== undefined))],
    request(ids) {
      const isNeeded = (required: boolean, schema: Schema): boolean =>
        required || (idSchema(schema) ?? '') in ids;
      const used = all.filter(({ required, schema }) => isNeeded(required === true, schema));
      const text = (where: Parameter['in']): [string, string][] =>
        used
          .filter((parameter) => parameter.in === where)
          .map(({ name, schema }) => [name, String(sampleOf(name, schema, ids))]);
      const filled = text('path').reduce((so, [name, value]) => so.replace(`{${name}}`, value), path);
      const query = new URLSearchParams(text('query')).toString();
      const members = properties
        .filter(([name, schema]) => isNeeded(body.required?.includes(name) === true, schema))
        .map(([name, schema]) => [name, sampleOf(name, schema, ids)]);
      return {
        method: method.toUpperCase(),
        path: query === '' ? filled : `${filled}?${query}`,
        headers: Object.fromEntries(text('header')),
        body: requestBody === undefined ? undefined : JSON.stringify(Object.fromEntries(members)),
      };
    },
  };
}

/** `SessionId`, of a schema that is one or refers to one. */
function idSchema({ $ref = '' }: Schema): string | undefined {
  return /\/schemas\/([A-Za-z]+Id)$/.exec($ref)?.[1];
}

function resolve<Value extends { readonly $ref?: string }>(value: Value): Value {
  if (value.$ref === undefined) return value;
  const [, , kind = '', name = ''] = value.$ref.split('/');
  return document.components[kind]?.[name] as Value;
}
