import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { repoRoot } from '../repo-root.ts';

const docs = join(repoRoot, 'docs');
const map = readFileSync(join(docs, 'protocols/rfc-map.md'), 'utf8');
const rows = [...map.matchAll(/^\| (RFC \d{4})(?: §([\d.]+))? \|.*\| `([^`]+)` \|$/gm)].map(
  ([, rfc = '', section, file = '']) => ({ rfc, section, file }),
);

describe('docs/protocols/rfc-map.md', () => {
  it('has rows', () => expect(rows.length).toBeGreaterThan(30));

  it.each(rows.map((row) => [`${row.rfc} ${row.section ?? ''}`, row] as const))(
    '%s is where it says',
    (_, row) => {
      const text = readFileSync(join(repoRoot, row.file), 'utf8');
      expect(text.includes(row.rfc)).toBe(true);
      if (row.section !== undefined) expect(text.includes(`§${row.section}`)).toBe(true);
    },
  );
});

/** Every Markdown file of the tree that is ours to keep right. */
const pages = [
  ...readdirSync(docs, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => join(docs, file)),
  join(repoRoot, 'infra/README.md'),
];

describe('links between documents', () => {
  it.each(pages.map((page) => page.slice(repoRoot.length)))('%s leads to files that exist', (page) => {
    const text = readFileSync(join(repoRoot, page), 'utf8');
    const links = [...text.matchAll(/\]\((?!https?:|#)([^)#\s]+)(?:#[^)]*)?\)/g)].map(([, to = '']) => to);
    expect(links.filter((to) => !existsSync(join(repoRoot, dirname(page), to)))).toEqual([]);
  });
});
