import { describe, expect, it } from '@jest/globals';
import { API_SCOPES, EVENT_TYPES, FAULT_NAMES, FIELD_NAMES, LEG_ROLES } from '@sordino/core';
import { TEST_CARD_NUMBERS } from '@sordino/payments';
import { OPENAPI_YAML, openApiDocument } from './openapi.ts';

interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly propertyNames?: Schema;
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly oneOf?: readonly Schema[];
}

const document = openApiDocument() as {
  readonly paths: Record<string, Record<string, unknown>>;
  readonly components: Record<string, Record<string, Schema>>;
};
const schemas = document.components.schemas ?? {};

function resolve(schema: Schema): Schema {
  return schema.$ref ? (schemas[schema.$ref.split('/').at(-1) ?? ''] ?? {}) : schema;
}

interface Leaf {
  readonly at: string;
  readonly schema: Schema;
}

/** Every place in a schema that holds a value, names of free properties included. */
function leavesOf(given: Schema, at: string): Leaf[] {
  const schema = resolve(given);
  if (schema.oneOf) return schema.oneOf.flatMap((one) => leavesOf(one, at));
  if (schema.type === 'array') return leavesOf(schema.items ?? {}, `${at}[]`);
  if (schema.type !== 'object') return [{ at, schema }];
  const free =
    typeof schema.additionalProperties === 'object' ? leavesOf(schema.additionalProperties, `${at}.*`) : [];
  const names = schema.propertyNames
    ? [{ at: `${at}.{name}`, schema: { type: 'string', ...schema.propertyNames } }]
    : [];
  const own = Object.entries(schema.properties ?? {}).flatMap(([name, one]) =>
    leavesOf(one, `${at}.${name}`),
  );
  return [...own, ...names, ...free];
}

/** All objects of the document, to whatever depth. */
function* objectsOf(
  value: unknown,
  at = '',
): Generator<{ readonly at: string; readonly value: Schema & Record<string, unknown> }> {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) yield { at, value: value as Schema & Record<string, unknown> };
  for (const [name, child] of Object.entries(value)) yield* objectsOf(child, `${at}/${name}`);
}

function accepts(schema: Schema, text: string): boolean {
  if (schema.const !== undefined) return schema.const === text;
  if (schema.enum) return schema.enum.includes(text);
  if (schema.type === 'boolean' || schema.type === 'null') return false;
  if (schema.type === 'integer' || schema.type === 'number')
    return Number(text) <= (schema.maximum ?? Infinity);
  return (
    text.length >= (schema.minLength ?? 0) &&
    text.length <= (schema.maxLength ?? Infinity) &&
    new RegExp(schema.pattern ?? '', 'u').test(text)
  );
}

/** What a request can hold, by operation. */
const REQUESTS: Leaf[] = Object.entries({
  ...document.paths,
  shared: document.components.parameters ?? {},
}).flatMap(([path, item]) =>
  [...objectsOf(item, path)].flatMap(({ at, value }) => {
    if (at.endsWith('/requestBody/content/application/json')) return leavesOf(value.schema as Schema, at);
    return value.in === undefined ? [] : leavesOf(value.schema as Schema, `${at} ${value.name}`);
  }),
);

/**
 * The only texts of a request that may be a card number in form: the platform's own names of calls and dialogs, which are
 * often long decimals (an Avaya UCID has 20 digits). They are compared and never shown as anything else. Of an
 * Idempotency-Key only the hash is kept.
 */
const NAMES_OF_CALLS = /call_id$|_tag$|Idempotency-Key$/;

describe('the OpenAPI document', () => {
  it('has no place in any request for a card number, however it is written', () => {
    expect(REQUESTS.length).toBeGreaterThan(30);
    const written = TEST_CARD_NUMBERS.flatMap((number) => [
      number,
      number.match(/.{1,4}/g)?.join(' ') ?? '',
      number.match(/.{1,4}/g)?.join('-') ?? '',
      `card ${number}.`,
      ` ${[...number].join(' ')}`,
    ]);
    const open = REQUESTS.filter(({ schema }) => written.some((text) => accepts(schema, text))).map(
      ({ at }) => at,
    );
    expect(open.filter((at) => !NAMES_OF_CALLS.test(at))).toEqual([]);
  });

  it('sees a place where there is one (control)', () => {
    expect(accepts({ type: 'string' }, '4242424242424242')).toBe(true);
    expect(accepts({ type: 'integer' }, '4242424242424242')).toBe(true);
    expect(
      leavesOf({ type: 'object', properties: { a: { type: 'array', items: { type: 'string' } } } }, 'x'),
    ).toHaveLength(1);
  });

  it('has no property whose name asks for card data', () => {
    const names = [...objectsOf(document)].flatMap(({ value }) => Object.keys(value.properties ?? {}));
    expect(names).toContain('last4');
    expect(
      names.filter((name) => /pan$|number|cvv|cvc|security|expir[yi](?!es)|track|pin$/i.test(name)),
    ).toEqual([]);
  });

  it('lets no object of a request have properties that it does not name', () => {
    const open =
      REQUESTS.length > 0 &&
      [...objectsOf(document.paths), ...objectsOf({ ...schemas, Event: {}, Problem: {} })]
        .filter(({ value }) => value.type === 'object' && value.additionalProperties === undefined)
        .map(({ at }) => at);
    expect(open).toEqual([]);
  });

  it('has the same words as the code', () => {
    const words = (name: string) => schemas[name]?.enum;
    expect(words('EventType')).toEqual(EVENT_TYPES);
    expect(words('Scope')).toEqual(API_SCOPES);
    expect(words('FieldName')).toEqual(FIELD_NAMES);
    expect(words('FaultName')).toEqual(FAULT_NAMES);
    expect(schemas.Leg?.properties?.role?.enum).toEqual(LEG_ROLES);
  });

  it('says of every operation what its errors look like', () => {
    const operations = Object.values(document.paths).flatMap((item) =>
      [item.get, item.post].filter(Boolean),
    ) as {
      responses: Record<string, Schema>;
    }[];
    expect(operations).toHaveLength(39);
    for (const { responses } of operations)
      expect(responses.default?.$ref).toBe('#/components/responses/Problem');
  });

  it('says of every operation under /v1 which scope it takes, and has no scope that nothing takes', () => {
    const scopes = Object.entries(document.paths)
      // Gateways have no key of ours.
      .filter(([path]) => path.startsWith('/v1/') && !path.startsWith('/v1/gateway_events/'))
      .flatMap(([path, { get, post }]) =>
        [get, post].filter(Boolean).map((operation) => ({
          path,
          scope: (operation as { readonly 'x-scope'?: string })['x-scope'] ?? 'none',
        })),
      );
    expect(scopes.filter(({ scope }) => !(API_SCOPES as readonly string[]).includes(scope))).toEqual([]);
    expect(API_SCOPES.filter((scope) => !scopes.some((one) => one.scope === scope))).toEqual([]);
  });

  it('is OpenAPI 3.1 with all its references', () => {
    expect(OPENAPI_YAML).toMatch(/^openapi: 3\.1\.0\n/);
    for (const { value } of objectsOf(document)) {
      if (typeof value.$ref !== 'string') continue;
      const [, , kind = '', name = ''] = value.$ref.split('/');
      expect([value.$ref, document.components[kind]?.[name] !== undefined]).toEqual([value.$ref, true]);
    }
  });
});
