import { SaxesParser } from 'saxes';
import { ANSWER_BYTES_MAX, ANSWER_DEPTH_MAX } from './limits.ts';

/** What an element says by its `type`: a list, a number, a truth, nothing, a group of elements, or text. Names have underscores. */
export type XmlValue =
  | string
  | number
  | boolean
  | null
  | readonly XmlValue[]
  | { readonly [name: string]: XmlValue };

export interface XmlDocument {
  readonly name: string;
  readonly value: XmlValue;
}

interface Open {
  readonly name: string;
  readonly type: string | undefined;
  readonly isNil: boolean;
  readonly children: [name: string, value: XmlValue][];
  text: string;
}

/** Braintree's answers and notices are XML. Undefined: not well-formed, too long, too deep, or with a document type (entities of its own). */
export function readXml(bytes: Uint8Array): XmlDocument | undefined {
  if (bytes.length > ANSWER_BYTES_MAX) return undefined;
  const stack: Open[] = [];
  let root: XmlDocument | undefined;
  const parser = new SaxesParser();
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('doctype', () => {
    throw new Error('a document type');
  });
  parser.on('opentag', ({ name, attributes: { type, nil } }) => {
    if (stack.length >= ANSWER_DEPTH_MAX) throw new Error('too deep');
    stack.push({ name: underscored(name), type, isNil: nil === 'true', children: [], text: '' });
  });
  const text = (piece: string): void => {
    const open = stack.at(-1);
    if (open !== undefined) open.text += piece;
  };
  parser.on('text', text);
  parser.on('cdata', text);
  parser.on('closetag', () => {
    const closed = stack.pop();
    if (closed === undefined) return;
    const parent = stack.at(-1);
    if (parent === undefined) root = { name: closed.name, value: contentOf(closed) };
    else parent.children.push([closed.name, contentOf(closed)]);
  });
  try {
    parser.write(new TextDecoder('utf-8', { fatal: true }).decode(bytes)).close();
    return root;
  } catch {
    return undefined;
  }
}

function contentOf({ type, isNil, children, text }: Open): XmlValue {
  if (isNil) return null;
  if (type === 'array') return children.map(([, value]) => value);
  if (children.length > 0) return Object.fromEntries(children);
  if (type === 'integer') return Number.parseInt(text, 10);
  if (type === 'boolean') return text === 'true';
  return text;
}

const underscored = (name: string): string => name.replaceAll('-', '_');
