import { BODY_BYTES_MAX } from '../../limits.ts';
import type { Problem } from '../problem-details.ts';

// Only the parser's `type` is used. Its message quotes the body, and a body is never repeated.
const BY_TYPE: Readonly<Record<string, Problem>> = {
  'entity.parse.failed': bad('malformed_json', 'The body is not valid JSON. Send one JSON object in UTF-8.'),
  'request.aborted': bad('request_aborted', 'The connection ended before the body did. Send it again.'),
  'request.size.invalid': bad('length_mismatch', 'The body is not as long as Content-Length says.'),
  'entity.too.large': tooLarge(),
  'encoding.unsupported': unsupported('Send the body without Content-Encoding.'),
  'charset.unsupported': unsupported('Send the body as UTF-8.'),
};

export function bodyParserProblem(error: unknown): Problem | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  if ('type' in error && typeof error.type === 'string') return BY_TYPE[error.type];
  return undefined;
}

function bad(code: string, message: string): Problem {
  return { status: 400, type: 'invalid_request_error', code, message };
}

export function tooLarge(): Problem {
  return {
    status: 413,
    type: 'invalid_request_error',
    code: 'body_too_large',
    message: `The body is longer than ${BODY_BYTES_MAX} bytes. Send less metadata.`,
    // What is left of the body is not read.
    headers: { Connection: 'close' },
  };
}

export function unsupported(message: string): Problem {
  return { status: 415, type: 'invalid_request_error', code: 'unsupported_media_type', message };
}
