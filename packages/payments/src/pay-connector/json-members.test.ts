import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { jsonMembers } from './json-members.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (view: Uint8Array): string => new TextDecoder().decode(view);

describe('members of a JSON object', () => {
  it('are views into it, with escapes as they came', () => {
    const body = bytes(
      ' {"a" : "4242", "b":{"c":[1,{}]},\n"d\\u0041": "x\\"y" , "e":-1.5e+3,"f":true,"g":null} ',
    );
    const members = jsonMembers(body) ?? [];
    expect(members.map(({ name, value }) => [text(name), value.kind, text(value.bytes)])).toEqual([
      ['a', 'string', '4242'],
      ['b', 'object', '{"c":[1,{}]}'],
      ['d\\u0041', 'string', 'x\\"y'],
      ['e', 'number', '-1.5e+3'],
      ['f', 'true', 'true'],
      ['g', 'null', 'null'],
    ]);
    for (const { name, value } of members)
      expect([name.buffer, value.bytes.buffer]).toEqual([body.buffer, body.buffer]);
  });

  it.each([
    ...[
      '',
      ' ',
      '[]',
      '"a"',
      '1',
      'null',
      '{',
      '}',
      '{"a"}',
      '{"a":}',
      '{"a":1',
      '{"a":1,}',
      '{,}',
      '{"a" 1}',
    ],
    ...[
      '{a:1}',
      "{'a':1}",
      '{"a":1}}',
      '{"a":1} x',
      '{"a":01}',
      '{"a":1.}',
      '{"a":.5}',
      '{"a":+1}',
      '{"a":1e}',
      '{"a":-}',
    ],
    ...[
      '{"a":tru}',
      '{"a":nulll}',
      '{"a":undefined}',
      '{"a":[1,]}',
      '{"a":[}',
      '{"a":"\n"}',
      '{"a":"\\x"}',
      '{"a":"\\u12"}',
    ],
    ...['{"a":"b}', '{"a":"\\"}', '\uFEFF{}', `{"a":${'['.repeat(9)}${']'.repeat(9)}}`],
  ])('are not in %j', (wrong) => {
    expect(jsonMembers(bytes(wrong))).toBeUndefined();
  });

  it('are those that JSON.parse finds, in whatever JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue({ maxDepth: 3 })), (object) => {
        const members = jsonMembers(bytes(JSON.stringify(object))) ?? [];
        const read = members.map(({ name, value }) => {
          const raw = text(value.bytes);
          return [JSON.parse(`"${text(name)}"`), JSON.parse(value.kind === 'string' ? `"${raw}"` : raw)];
        });
        expect(read).toEqual(Object.entries(JSON.parse(JSON.stringify(object))));
      }),
    );
  });

  it('are found in nothing that JSON.parse would not take, however it is broken', () => {
    const good = '{"a":"x\\u0041","b":[1,-2.5e3,{"c":null}],"d":{"e":true}}';
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.string({ maxLength: 2 }), (at, instead) => {
        const broken = good.slice(0, at) + instead + good.slice(at + 1);
        const parses = (): boolean => {
          try {
            return typeof JSON.parse(broken) === 'object';
          } catch {
            return false;
          }
        };
        expect(jsonMembers(bytes(broken)) !== undefined).toBe(parses());
      }),
      { numRuns: 500 },
    );
  });
});
