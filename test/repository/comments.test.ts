import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');
const MAX_COLUMNS = 99;
/** The files with comments that people write, as `git ls-files` takes them. */
const COMMENTED = ['*.ts', '*.mjs', '*.jsonc', '*.py', '*.yaml', '*.yml', '*.sh', '*.toml', '*.in', '.ci/run'];

const ONLY_A_URL = /^\s*(\/\/|\/\*\*?|\*|#)?\s*(@see )?https?:\/\/\S+( \*\/)?$/;

/** The numbers of the comment lines that are too long. Code of an `@example` may be longer. */
function longComments(file: string): number[] {
  const isPython = file.endsWith('.py');
  const comment = /\.(ts|mjs|jsonc)$/.test(file) ? /^\s*(\/\/|\/\*|\*( |\/|$))/ : /^\s*#/;
  let inDocstring = false;
  let inExample = false;
  return readFileSync(join(ROOT, file), 'utf8')
    .split(/\r?\n/)
    .flatMap((line, index) => {
      const quotes = isPython ? line.split('"""').length - 1 : 0;
      const isComment = comment.test(line) || inDocstring || (quotes > 0 && /^\s*"""/.test(line));
      if (quotes === 1) inDocstring = !inDocstring;
      if (!isComment || /\* @|\/\*/.test(line)) inExample = line.includes('@example');
      return isComment && !inExample && line.length > MAX_COLUMNS && !ONLY_A_URL.test(line) ? [index + 1] : [];
    });
}

it('every comment line has fewer than 100 columns', () => {
  const tracked = execFileSync('git', ['ls-files', ...COMMENTED], { cwd: ROOT, encoding: 'utf8' });
  const files = tracked.split('\n').filter((file) => file !== '' && existsSync(join(ROOT, file)));
  expect(files.length).toBeGreaterThan(300);
  expect(files.flatMap((file) => longComments(file).map((line) => `${file}:${line}`))).toEqual([]);
});
