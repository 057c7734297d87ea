import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { type Config, configSchema } from './schema.ts';

/** A configuration that cannot be used: one line per problem, each with the key, what was wrong and an example. */
export class ConfigError extends Error {
  readonly code = 'bad_config';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

const PREFIX = 'SORDINO_';

/** Variables with our prefix that are not configuration. */
const NOT_CONFIG = new Set(['SORDINO_SHARED']);

/**
 * Reads the YAML file (optional) and lays the environment over it: `SORDINO_API__PORT=8081` is `api.port`, two underscores
 * between levels; values are YAML, so `SORDINO_PLATFORMS='[{ id: plt_main, return_uri: "sip:…" }]'` works too.
 * Throws `ConfigError`.
 */
export function readConfig(
  file: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): Config {
  const raw = file === undefined ? {} : readYamlFile(file);
  for (const [name, value] of Object.entries(environment)) {
    if (!name.startsWith(PREFIX) || NOT_CONFIG.has(name) || value === undefined) continue;
    const path = name.slice(PREFIX.length).toLowerCase().split('__');
    set(raw, path, readYaml(value, name), name);
  }
  const parsed = configSchema.safeParse(raw);
  if (parsed.success) return parsed.data;
  throw new ConfigError(parsed.error.issues.map(explain));
}

type Tree = Record<string, unknown>;

function readYamlFile(file: string): Tree {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new ConfigError([`${file}: cannot be read (${(cause as NodeJS.ErrnoException).code ?? 'error'})`]);
  }
  const value = readYaml(text, file) ?? {};
  if (!isTree(value))
    throw new ConfigError([`${file}: must be a mapping of keys, e.g. "api: { port: 8080 }"`]);
  return value;
}

function readYaml(text: string, where: string): unknown {
  try {
    return parse(text);
  } catch (cause) {
    throw new ConfigError([`${where}: not YAML: ${(cause as Error).message.split('\n')[0]}`]);
  }
}

function set(tree: Tree, path: readonly string[], value: unknown, name: string): void {
  const [head = '', ...rest] = path;
  if (rest.length === 0) {
    tree[head] = value;
    return;
  }
  const next = tree[head] ?? {};
  if (!isTree(next)) throw new ConfigError([`${name}: ${head} is not a group of keys`]);
  tree[head] = next;
  set(next, rest, value, name);
}

const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function explain(issue: z.core.$ZodIssue): string {
  const key = issue.path.join('.') || 'configuration';
  if (issue.code === 'unrecognized_keys') {
    const known = Object.keys(shapeOf(schemaAt(issue.path)) ?? {}).join(', ');
    const unknown = issue.keys.map((name) => (issue.path.length === 0 ? name : `${key}.${name}`)).join(', ');
    return `${unknown}: no such key; known here: ${known}`;
  }
  const example = schemaAt(issue.path)?.description;
  return `${key}: ${issue.message}${example === undefined ? '' : `; example: ${String(issue.path.at(-1))}: ${example}`}`;
}

/** The schema that a path leads to, through defaults, options and lists. */
function schemaAt(path: readonly PropertyKey[]): z.ZodType | undefined {
  let schema: z.ZodType | undefined = configSchema;
  for (const step of path) {
    const bare: z.ZodType | undefined = schema === undefined ? undefined : unwrap(schema);
    if (bare instanceof z.ZodArray) schema = bare.element as z.ZodType;
    else schema = shapeOf(bare)?.[String(step)];
  }
  return schema;
}

function shapeOf(schema: z.ZodType | undefined): Record<string, z.ZodType> | undefined {
  const bare = schema === undefined ? undefined : unwrap(schema);
  return bare instanceof z.ZodObject ? (bare.shape as Record<string, z.ZodType>) : undefined;
}

function unwrap(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional) {
    return unwrap(schema.unwrap() as z.ZodType);
  }
  return schema;
}
