import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Assumption, Evidence } from '../protocol/assumptions/assumption.ts';
import { ASSUMPTIONS } from '../protocol/assumptions/assumptions.ts';

const ROOT = join(import.meta.dirname, '..');
const PAGE = join(ROOT, 'docs', 'assumptions.md');
const CODE = '{adapters,cli,client,emulator,infra,lambda,local,protocol,telemetry}/**/*.{ts,py}';
const CITATION = /\bASSUMPTION\b(?:[\s*#/]+([a-z][\w-]*))?/g;
const COLUMNS = 180;

const INTRODUCTION = `# Assumptions

For reviewers, and for users before the first rotation. After this page you know which behaviour of other services the code relies on, how sure it is, and what you notice if it
is false.

Nobody here has called AWS or Zilliz Cloud. \`npm run generate\` writes this page from \`protocol/assumptions\`. Evidence: documented, read in source code, seen on a real server, or
assumed.`;

/** The files that cite an id, by id. A citation without an id has the id ''. */
export function citations(): ReadonlyMap<string, readonly string[]> {
  const files = globSync(CODE, { cwd: ROOT, exclude: ['protocol/assumptions/**'] }).toSorted();
  const cited = files.flatMap((file) =>
    [...readFileSync(join(ROOT, file), 'utf8').matchAll(CITATION)].map(([, id = '']) => ({ id, file })),
  );
  return new Map(
    [...Map.groupBy(cited, ({ id }) => id)].map(([id, places]) => [id, [...new Set(places.map(({ file }) => file))]]),
  );
}

export function assumptionsPage(): string {
  const cited = citations();
  const sections = Object.entries(ASSUMPTIONS).map(([service, assumptions]) => {
    const entries = Object.entries(assumptions).map(([id, assumption]) => entry(id, assumption, cited.get(id) ?? []));
    return `## ${service}\n\n${entries.join('\n')}`;
  });
  return `${[INTRODUCTION, ...sections].join('\n\n')}\n`;
}

export function writeAssumptionsPage(): void {
  writeFileSync(PAGE, assumptionsPage());
}

function entry(id: string, { behaviour, evidence, ifFalse }: Assumption, files: readonly string[]): string {
  const code = files.map((file) => `[${basename(file)}](../${file})`).join(', ');
  return [`- **${id}:** ${behaviour}`, `  - ${textOf(evidence)}. Code: ${code}.`, `  - If false: ${ifFalse}.`]
    .map(wrapped)
    .join('\n');
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

function textOf(evidence: Evidence): string {
  switch (evidence.kind) {
    case 'assumed':
      return 'Assumed';
    case 'seen':
      return `Seen on ${evidence.on}`;
    case 'documented':
    case 'read': {
      const links = evidence.sources.map(({ name, url }) => `[${name}](${url})`).join(', ');
      return `${evidence.kind === 'read' ? 'Read in' : 'Documented:'} ${links}`;
    }
  }
}
