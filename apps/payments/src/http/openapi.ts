import { readFileSync } from 'node:fs';
import type { RequestHandler } from 'express';
import * as OpenApiValidator from 'express-openapi-validator';
import { parse } from 'yaml';

type ApiSpec = Exclude<Parameters<typeof OpenApiValidator.middleware>[0]['apiSpec'], string>;

/** The source of the API, as it is served. */
export const OPENAPI_YAML = readFileSync(new URL('../../openapi/sordino.yaml', import.meta.url), 'utf8');

/** A fresh copy each time: the validator writes into what it gets. */
export function openApiDocument(): Record<string, unknown> {
  return parse(OPENAPI_YAML) as Record<string, unknown>;
}

export interface OpenApiOptions {
  /** Also hold answers against the document: in tests, where a wrong answer becomes a 500. */
  readonly validateResponses: boolean;
  /** The document itself. It does not change between test and release, and checking it costs most of a second. */
  readonly validateDocument: boolean;
}

/** Refuses what the document does not describe: paths, methods, media types, parameters, bodies. */
export function openApi(options: OpenApiOptions): RequestHandler[] {
  return OpenApiValidator.middleware({
    apiSpec: openApiDocument() as unknown as ApiSpec,
    validateApiSpec: options.validateDocument,
    validateRequests: { allowUnknownQueryParameters: false, allErrors: false },
    validateResponses: options.validateResponses,
    // Credentials are checked before a body is read: see auth/authenticate.ts.
    validateSecurity: false,
    fileUploader: false,
  }) as RequestHandler[];
}
