import type { ValidateFunction } from 'ajv';

/** What a schema has against a value, without any part of the value: it may be a card. */
export function wrong(validate: ValidateFunction | undefined, value: unknown): string | undefined {
  if (validate === undefined) return 'there is no description of this';
  if (validate(value)) return undefined;
  const [error] = validate.errors ?? [];
  const { additionalProperty } = (error?.params ?? {}) as { additionalProperty?: string };
  return `${error?.instancePath || '/'} ${error?.message ?? 'is wrong'} ${additionalProperty ?? ''}`.trim();
}
