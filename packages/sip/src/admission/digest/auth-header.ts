import { splitList } from '../../ingress/scan.ts';

/** More directives than any RFC names; a header with more is somebody's test of us. */
const DIRECTIVES_MAX = 32;

export type Directives = ReadonlyMap<string, string>;

/**
 * The directives of `Digest name=value, name="value" …` (RFC 7616 §3.3, §3.4), names in lower case, values without their quotes.
 * Undefined: another scheme, or not well formed. RFC 3261 §7.3.1: these headers are no comma lists of credentials.
 */
export function readDigest(value: string): Directives | undefined {
  const [, text] = /^digest[ \t]+(.+)$/i.exec(value.trim()) ?? [];
  const parts = text === undefined ? undefined : splitList(text, DIRECTIVES_MAX);
  if (parts?.ok !== true) return undefined;
  const directives = new Map<string, string>();
  for (const part of parts.value) {
    const [, name, quoted, bare] =
      /^([A-Za-z0-9_*-]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^\s",]+))$/.exec(part) ?? [];
    // RFC 7616 §3.4: a directive that is there twice makes the header one that two readers understand differently.
    if (name === undefined || directives.has(name.toLowerCase())) return undefined;
    directives.set(name.toLowerCase(), quoted === undefined ? (bare ?? '') : quoted.replace(/\\(.)/g, '$1'));
  }
  return directives;
}

/** RFC 3261 §25.1 quoted-string. */
export const quoted = (text: string): string => `"${text.replace(/[\\"]/g, '\\$&')}"`;
