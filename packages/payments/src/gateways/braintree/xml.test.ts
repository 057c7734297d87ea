import { describe, expect, it } from '@jest/globals';
import { readXml } from './xml.ts';

const read = (xml: string) => readXml(new TextEncoder().encode(xml));

describe("Braintree's XML", () => {
  it.each([
    ['<a>1</a>', '1'],
    ['<a type="integer">12</a>', 12],
    ['<a type="boolean">true</a>', true],
    ['<a type="boolean">no</a>', false],
    ['<a nil="true"/>', null],
    ['<a type="array"/>', []],
    ['<a type="array"><item>x</item><item>y</item></a>', ['x', 'y']],
    ['<a><b-c>1</b-c><d><e>2</e></d></a>', { b_c: '1', d: { e: '2' } }],
    ['<?xml version="1.0" encoding="UTF-8"?>\n<a>\n  <b>&lt;&amp;&#233;</b>\n</a>\n', { b: '<&é' }],
    ['<a><![CDATA[<x>]]></a>', '<x>'],
    ['<a><__proto__>1</__proto__></a>', Object.fromEntries([['__proto__', '1']])],
  ])('%s', (xml, value) => expect(read(xml)).toEqual({ name: 'a', value }));

  it.each([
    ['nothing', ''],
    ['white space', ' \n'],
    ['text', 'Not Found'],
    ['JSON', '{"a":1}'],
    ['half of it', '<a><b>1</b>'],
    ['crossed elements', '<a><b></a></b>'],
    ['two roots', '<a/><a/>'],
    ['an entity of its own', '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'],
    ['a document type', '<!DOCTYPE html><html/>'],
    ['an unknown entity', '<a>&nbsp;</a>'],
    ['a page', '<html><body><br></body></html>'],
    ['depth', '<a>'.repeat(30) + '</a>'.repeat(30)],
    ['length', `<a>${'x'.repeat(140_000)}</a>`],
  ])('%s is none', (_name, xml) => expect(read(xml)).toBeUndefined());

  it('bytes that are not UTF-8 are none', () => {
    expect(readXml(Uint8Array.of(0x3c, 0x61, 0x3e, 0xff, 0x3c, 0x2f, 0x61, 0x3e))).toBeUndefined();
  });
});
