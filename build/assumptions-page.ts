import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Assumption } from '../cli/verify/register/assumption.ts';
import { ASSUMPTIONS, serviceOf } from '../cli/verify/register/assumptions.ts';

const ROOT = join(import.meta.dirname, '..');
const CODE = '{adapters,cli,client,emulator,infra,lambda,local,protocol,telemetry}/**/*.{ts,py}';
const CITATION = /\bASSUMPTION\b(?:[\s*#/]+([a-z][\w-]*))?/g;
const COLUMNS = 180;

const INTRODUCTION = `# Assumptions

For reviewers, and for users before the first rotation. After this page you know which behaviour of other services the code relies on, how sure it is, what you notice if it is
false. [\`verify\`](cli.md#verify) checks it on your account under the same id, unless the entry says otherwise.

Nobody here has called AWS or Zilliz Cloud. \`npm run generate\` writes this page from \`cli/verify/register\`. Evidence: documented, read in source code, seen on a real server, or
assumed. A line of Milvus was read in the commit that sets the version, and is the same after its release.`;

/** The files that cite an id, by id. A citation without an id has the id ''. */
export function citations(): ReadonlyMap<string, readonly string[]> {
  const files = globSync(CODE, { cwd: ROOT, exclude: ['cli/verify/register/**'] }).toSorted();
  const cited = files.flatMap((file) =>
    [...readFileSync(join(ROOT, file), 'utf8').matchAll(CITATION)].map(([, id = '']) => ({ id, file })),
  );
  return new Map(
    [...Map.groupBy(cited, ({ id }) => id)].map(([id, places]) => [id, [...new Set(places.map(({ file }) => file))]]),
  );
}

export function assumptionsPage(): string {
  const cited = citations();
  const services = Map.groupBy(ASSUMPTIONS, ([id]) => serviceOf(id));
  const sections = [...services].map(([service, assumptions]) => {
    const entries = assumptions.map(([id, assumption]) => entry(id, assumption, cited.get(id) ?? []));
    return `## ${service}\n\n${entries.join('\n')}`;
  });
  return `${[INTRODUCTION, ...sections].join('\n\n')}\n`;
}

/** With which the command names the code that relies on an assumption. */
export function citedFiles(): object {
  return Object.fromEntries([...citations()].map(([id, files]) => [id, files.join(' ')]).toSorted());
}

function entry(id: string, assumption: Assumption, files: readonly string[]): string {
  const { behaviour, evidence, ifFalse } = assumption;
  const code = files.map((file) => `[${basename(file)}](../${file})`).join(', ');
  return [
    `- **${id}:** ${behaviour}`,
    `  - ${evidence}. Code: ${code}.`,
    `  - If false: ${ifFalse}.${checkText(assumption)}`,
  ]
    .map(wrapped)
    .join('\n');
}

/** How verify checks the assumption, if an option or a reason must be known. */
function checkText(assumption: Assumption): string {
  if ('unchecked' in assumption) {
    return ` No check: ${assumption.unchecked}.`;
  }
  return assumption.needs?.includes('slow') ? ' Check: `--slow`.' : '';
}

/** Breaks a line of a list between words. A link stays whole. */
function wrapped(line: string): string {
  const [bullet = ''] = /^ *- /.exec(line) ?? [];
  const words = line.slice(bullet.length).match(/\[[^\]]+\]\([^)]+\)\S*|\S+/g) ?? [];
  const lines = [bullet];
  for (const word of words) {
    const last = lines.pop() ?? '';
    lines.push(
      ...(last.length + word.length <= COLUMNS ? [`${last}${word} `] : [last, `${' '.repeat(bullet.length)}${word} `]),
    );
  }
  return lines.map((text) => text.trimEnd()).join('\n');
}
