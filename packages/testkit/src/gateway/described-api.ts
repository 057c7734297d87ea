import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';

type Way = 'request' | 'answer';

/**
 * Holds requests and answers against a gateway's published description, an OpenAPI 3.1 document as it comes. Each method says what does not
 * fit, or undefined; what the description does not know is wrong too.
 */
export class DescribedApi {
  readonly #ajv = new Ajv2020({ strict: false, validateFormats: false, discriminator: false });
  readonly #document: object;
  readonly #compiled = new Map<string, ValidateFunction>();

  constructor(document: object) {
    this.#document = document;
    this.#ajv.addSchema({ $id: 'api', ...document });
  }

  /** `path` as the description has it, with its `{parameters}`. */
  request(method: string, path: string, body: unknown): string | undefined {
    return this.#check('request', ['paths', path, method.toLowerCase(), 'requestBody'], body);
  }

  answer(method: string, path: string, status: number, body: unknown): string | undefined {
    return this.#check('answer', ['paths', path, method.toLowerCase(), 'responses', String(status)], body);
  }

  #check(way: Way, at: readonly string[], body: unknown): string | undefined {
    const pointer = [...at, 'content', 'application/json', 'schema'];
    const where = `${way} of ${at.slice(1).join(' ')}`;
    if (!isThere(this.#document, pointer)) return `${where} is not described`;
    const name = pointer.map((part) => part.replaceAll('~', '~0').replaceAll('/', '~1')).join('/');
    const validate = this.#compiled.get(name) ?? this.#ajv.compile({ $ref: `api#/${encodeURI(name)}` });
    this.#compiled.set(name, validate);
    if (validate(body)) return undefined;
    const [wrong] = validate.errors ?? [];
    return `${where}: ${wrong?.instancePath} ${wrong?.message}`;
  }
}

function isThere(document: object, pointer: readonly string[]): boolean {
  let value: unknown = document;
  for (const part of pointer) value = (value as Record<string, unknown> | undefined)?.[part];
  return value !== undefined;
}
