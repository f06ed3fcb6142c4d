import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { linkOnSite } from './links.ts';

/** A group of links, as the theme of VitePress shows it. */
export interface Group {
  readonly text: string;
  readonly items: readonly { readonly text: string; readonly link: string }[];
}

/** The groups of docs/README.md, with one link for each page. A folder gives its pages. */
export function sidebar(docs: string): readonly Group[] {
  const [, ...sections] = readFileSync(join(docs, 'README.md'), 'utf8').split(/^## /m);
  return sections.map((section) => ({
    text: section.slice(0, section.indexOf('\n')),
    items: [...section.matchAll(/^- (.*?): /gm)]
      .flatMap(([, cell = '']) => [...cell.matchAll(/\[([^\]]+)\]\(([^)]+)\)/g)])
      .flatMap(([, text = '', link = '']) => {
        const pages = globSync(`${link}/*.md`, { cwd: docs }).map((page) => page.replaceAll('\\', '/'));
        return pages.length > 0 ? pages.sort().map((page) => linkTo(docs, page)) : [{ text, link }];
      })
      .map(({ text, link }) => ({ text: text[0]?.toUpperCase() + text.slice(1), link: linkOnSite('README.md', link) })),
  }));
}

/** A link with the title of the page. */
function linkTo(docs: string, page: string): { text: string; link: string } {
  const [, text = page] = /^# (.*)$/m.exec(readFileSync(join(docs, page), 'utf8')) ?? [];
  return { text, link: page };
}
