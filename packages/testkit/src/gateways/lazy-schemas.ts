import type { ValidateFunction } from 'ajv';

interface Compiler {
  compile(schema: object): ValidateFunction;
}

/**
 * Finds the validator of a schema by name, compiled when it is first asked for: whoever loads the simulated world loads every gateway, uses
 * one at most, and a compiler of JSON Schema that is only made takes a tenth of a second.
 */
export function lazySchemas<Name extends string>(
  schemas: Readonly<Record<Name, object>>,
  makeCompiler: () => Compiler,
): (name: string) => ValidateFunction | undefined {
  const described = new Map(Object.entries<object>(schemas));
  const compiled = new Map<string, ValidateFunction>();
  let compiler: Compiler | undefined;
  return (name) => {
    const known = compiled.get(name);
    if (known !== undefined) return known;
    const schema = described.get(name);
    if (schema === undefined) return undefined;
    compiler ??= makeCompiler();
    const validate = compiler.compile(schema);
    compiled.set(name, validate);
    return validate;
  };
}
