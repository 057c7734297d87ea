import { describe, expect, it } from '@jest/globals';
import { DescribedApi } from './described-api.ts';

const body = (schema: object) => ({ content: { 'application/json': { schema } } });
const api = new DescribedApi({
  openapi: '3.1.0',
  paths: {
    '/things/{id}': {
      post: {
        requestBody: body({ $ref: '#/components/schemas/Thing' }),
        responses: { 201: body({ type: 'object', required: ['id'] }) },
      },
    },
  },
  components: {
    schemas: {
      Thing: {
        ...{ type: 'object', additionalProperties: false, required: ['name'] },
        properties: {
          name: { type: 'string', 'x-published': true },
          count: { type: 'integer', format: 'int64' },
        },
      },
    },
  },
});

describe('a described API', () => {
  it('takes what fits', () => {
    expect(api.request('POST', '/things/{id}', { name: 'a', count: 1 })).toBeUndefined();
    expect(api.answer('post', '/things/{id}', 201, { id: 1 })).toBeUndefined();
  });

  it.each([
    ['a missing field', { count: 1 }, /must have required property 'name'/],
    ['an unknown field', { name: 'a', more: 1 }, /must NOT have additional properties/],
    ['another type', { name: 'a', count: '1' }, /\/count must be integer/],
  ])('says what is wrong with %s', (_what, thing, message) => {
    expect(api.request('POST', '/things/{id}', thing)).toMatch(message);
  });

  it('does not let pass what it does not know', () => {
    expect(api.answer('POST', '/things/{id}', 200, {})).toBe(
      'answer of /things/{id} post responses 200 is not described',
    );
    expect(api.request('POST', '/other', {})).toMatch(/is not described$/);
    expect(api.request('GET', '/things/{id}', {})).toMatch(/is not described$/);
  });
});
