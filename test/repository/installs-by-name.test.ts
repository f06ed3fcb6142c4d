import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PROJECT } from '../../local/project.ts';

/** Nobody owns these names on npm and PyPI yet. Whoever takes them could run code of their own. */
const NAME = '(?:zilliz-(?:rotation|secret-rotation|secret-client)|zilliz_secret_client)';
const WORDS = String.raw`(?:(?:[ \t]|\\\n)+[^\s\`'"]+)*?`;
const PACKAGE = String.raw`(?:[ \t]|\\\n)+['"]?${NAME}(?![\w./-])`;
const MANAGERS = String.raw`(?:npm|pnpm|yarn|bun|pip[\d.]*|pipx|poetry|uv)(?: [^\s\`'"]+)*?`;
const INSTALL = new RegExp(
  `\\b(?:${MANAGERS} (?:i|install|add|ci|update|exec|x|dlx|download|run)|uvx|bunx)${WORDS}${PACKAGE}`,
);
const NPX = new RegExp(`\\bnpx(?! --no-install )${WORDS}${PACKAGE}`);
const DEPENDENCY = new RegExp(
  `^\\s*(?:"${NAME}": "(?:[\\^~>=\\d*]|latest)|${NAME} *(?:\\[.*\\])? *[=~<>]=|dependencies = \\[[^\\]]*["']${NAME}["'=~<>[])`,
  'm',
);
const TARBALL = /\bstart\.md#before-you-start\)|^## Before you start$/m;

/** What in a text installs a package of ours by its name. */
function installsByName(file: string, text: string): string[] {
  // In a page, npx may follow a link to the way with the tarball. Tests run the commands of pages.
  const mayUseNpx = file.startsWith('test/') || (file.endsWith('.md') && TARBALL.test(text));
  const patterns = [INSTALL, DEPENDENCY, ...(mayUseNpx ? [] : [NPX])];
  return patterns.flatMap((pattern) => text.match(pattern)?.[0] ?? []);
}

describe('a command that installs a package of this project by its name', () => {
  it('is in no file: packages come from the tarball', () => {
    const files = execFileSync('git', ['grep', '-I', '--name-only', '-e', 'zilliz'], {
      cwd: PROJECT,
      encoding: 'utf8',
    });
    const found = files
      .trim()
      .split('\n')
      .flatMap((file) => installsByName(file, readFileSync(join(PROJECT, file), 'utf8')).map((it) => `${file}: ${it}`));
    expect(found).toEqual([]);
  });

  const [command, client, python] = ['zilliz-rotation', 'zilliz-secret-client', 'zilliz_secret_client'];

  it.each([
    ['README.md', `npm install --save-exact ${command}`],
    ['README.md', `npm i @zilliz/milvus2-sdk-node ${client}@1.0.0`],
    ['docs/start.md', `pip install '${client}>=1'`],
    ['docs/start.md', `python -m pip install \\\n  ${python}`],
    ['python/README.md', `uv tool install ${python}`],
    ['cli/main.ts', `Run: npx ${command} status`],
    ['docs/start.md', `npx --yes ${command} status`],
    ['test/a.test.ts', `npm exec ${command}`],
    ['examples/package.json', `  "${client}": "^0.2.0"`],
    ['examples/package.json', `  "${command}": "latest"`],
    ['docs/start.md', `npm --prefix app install ${command}`],
    ['docs/start.md', `yarn global add ${command}`],
    ['examples/requirements.txt', `${client}==0.2.0`],
    ['examples/pyproject.toml', `dependencies = [\n  "${client}"\n]`],
    ['docs/start.md', `pip --quiet install ${client}`],
    ['docs/start.md', `pip3.12 install ${client}`],
    ['docs/upgrading.md', `npm update ${command}`],
  ])('is found in %s: %s', (file, text) => {
    expect(installsByName(file, text)).not.toEqual([]);
  });

  it.each([
    ['docs/start.md', `npm install ./${command}-0.2.0.tgz`],
    ['python/README.md', `pip install ./${python}-0.0.0-py3-none-any.whl`],
    ['docs/start.md', `npx ${command} status, see [tarball](start.md#before-you-start)`],
    ['cli/main.ts', `npx --no-install ${command} status`],
  ])('is not found in %s: %s', (file, text) => {
    expect(installsByName(file, text)).toEqual([]);
  });
});
