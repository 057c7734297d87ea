import { configSchema } from '@sordino/sordino';

/** One key of the configuration as the reference shows it. */
export interface ConfigKey {
  /** `platforms[].return_uri` */
  readonly path: string;
  /** As JSON; `required` without a default, `none` for a key that may be left out. */
  readonly byDefault: string;
}

/** As much of a zod schema as is looked at. */
interface Schema {
  readonly def: {
    readonly type: string;
    readonly innerType?: Schema;
    readonly element?: Schema;
    readonly defaultValue?: unknown;
  };
  readonly shape?: Readonly<Record<string, Schema>>;
}

/** Longer defaults are told in words: see the key's parts. */
const DEFAULT_CHARACTERS_MAX = 40;

/** Every key that can be set, in the order of the schema; a list of groups has its keys below `[]`. */
export function configKeys(): readonly ConfigKey[] {
  return keysOf(configSchema as unknown as Schema, '');
}

function keysOf(schema: Schema, path: string): readonly ConfigKey[] {
  const { bare, byDefault } = unwrap(schema);
  if (bare.shape !== undefined) {
    return Object.entries(bare.shape).flatMap(([name, inner]) =>
      keysOf(inner, path === '' ? name : `${path}.${name}`),
    );
  }
  const element = bare.def.type === 'array' ? bare.def.element : undefined;
  const isGroups = element !== undefined && unwrap(element).bare.shape !== undefined;
  const own = { path: isGroups ? `${path}[]` : path, byDefault };
  return isGroups ? [own, ...keysOf(element, `${path}[]`)] : [own];
}

/** Through defaults and options to what is inside. */
function unwrap(
  schema: Schema,
  byDefault = 'required',
): { readonly bare: Schema; readonly byDefault: string } {
  const { type, innerType, defaultValue } = schema.def;
  if (innerType === undefined) return { bare: schema, byDefault };
  if (type === 'optional') return unwrap(innerType, 'none');
  const text = JSON.stringify(defaultValue);
  return unwrap(innerType, text.length > DEFAULT_CHARACTERS_MAX ? 'see below' : text);
}
