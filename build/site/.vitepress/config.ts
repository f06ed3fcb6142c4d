import { cpSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { defineConfig } from 'vitepress';
import { anchorOf, checkLinks, linkOnSite, REPOSITORY } from '../links.ts';
import { sidebar } from '../sidebar.ts';

const site = resolve(import.meta.dirname, '..');
const project = resolve(site, '..', '..');
const docs = join(project, 'docs');
// A page is compiled to a module, and finds the packages of its folder only.
const pages = join(site, 'pages');
rmSync(pages, { recursive: true, force: true });
cpSync(docs, pages, { recursive: true });

/** Room for wide tables. */
const STYLE = `
.VPDoc.has-aside .content-container { max-width: 880px !important; }
.vp-doc th, .vp-doc td { padding: 6px 10px; }
.vp-doc td:where(:first-child) { min-width: 9em; }
.vp-doc td:has(code) { min-width: 13em; }
/* A line may end after a hyphen, which would part an option from its hyphens. */
.vp-doc :not(pre) > code { display: inline-block; max-width: 100%; padding: 0 6px; }
`;

/** npm run docs:site [-- --base /FOLDER/]. The site is in .local/site. */
export default defineConfig({
  title: 'zilliz-secret-rotation',
  base: '/zilliz-secret-rotation/',
  srcDir: pages,
  outDir: join(project, '.local', 'site'),
  rewrites: { 'README.md': 'index.md' },
  // Without an icon, browsers ask the server for one.
  head: [
    ['style', {}, STYLE],
    ['link', { rel: 'icon', href: 'data:,' }],
  ],
  markdown: {
    anchor: { slugify: anchorOf },
    config: (markdown) => {
      markdown.core.ruler.push('links_of_the_site', ({ tokens, env }) => {
        for (const token of tokens.flatMap(({ children }) => children ?? [])) {
          if (token.type === 'link_open') {
            token.attrSet('href', linkOnSite(env.relativePath, token.attrGet('href') ?? ''));
          }
        }
      });
    },
  },
  themeConfig: {
    sidebar: [...sidebar(docs)],
    outline: [2, 3],
    search: { provider: 'local' },
    socialLinks: [{ icon: 'github', link: REPOSITORY }],
  },
  buildEnd: ({ outDir, site: { base } }) => checkLinks(outDir, base),
});
