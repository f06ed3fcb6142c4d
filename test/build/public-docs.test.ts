import { execFileSync } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { NODE_BIN, PROJECT } from '../../local/project.ts';

const read = (module: string): string => readFileSync(join(PROJECT, 'infra', module), 'utf8');

/** The names that `infra/index.ts` exports, by module. */
const EXPORTS = [...read('index.ts').matchAll(/\{ (.*) \} from '\.\/(.*\.ts)'/g)].map(
  ([, names = '', module = '']) => ({
    module,
    names: names.split(', ').map((name) => name.replace('type ', '')),
  }),
);

/** The exported declarations of a module and their members, each with the comment above it. */
function documentedIn(module: string): { comment: string; line: string }[] {
  const lines = /(?:\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\n)?( *(?:export|readonly) .*)$/gm;
  return [...read(module).matchAll(lines)].map(([, comment = '', line = '']) => ({ comment, line: line.trim() }));
}

/** The exported classes and functions that an app calls. */
const CONSTRUCTS = EXPORTS.flatMap(({ module, names }) =>
  documentedIn(module).flatMap(({ comment, line }) => {
    const [, name = ''] = /^export (?:class|function) (\w+)/.exec(line) ?? [];
    return names.includes(name) && !/Error$|^read/.test(name) ? { name, comment } : [];
  }),
);

/** Imports and declarations that the examples rely on. */
const GIVEN = `import { type App, Duration } from 'aws-cdk-lib';
import type { ISecurityGroup, IVpc } from 'aws-cdk-lib/aws-ec2';
import type { IBaseService } from 'aws-cdk-lib/aws-ecs';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import * as rotation from '../../infra/index.ts';
const { readConfiguration, ${CONSTRUCTS.map(({ name }) => name).join(', ')} } = rotation;
declare const app: App;
declare const vpc: IVpc;
declare const applicationSecurityGroup: ISecurityGroup;
declare const encryptionKey: IKey;
declare const existing: ISecret;
declare const endpoint: string;
declare const rotationFunction: rotation.RotationFunction;
declare const service: IBaseService;
declare const orders: rotation.CredentialRotation;
declare const search: rotation.CredentialRotation;
`;

describe('the documentation of the public constructs', () => {
  test('names the default of every optional prop', () => {
    const optional = EXPORTS.filter(({ names }) => names.some((name) => /(Props|Options|Attributes)$/.test(name)))
      .flatMap(({ module }) => documentedIn(module))
      .filter(({ line }) => /^readonly \w+\?:/.test(line));
    expect(optional.length).toBeGreaterThan(20);
    expect(optional.filter(({ comment }) => !comment.includes('@default')).map(({ line }) => line)).toEqual([]);
  });

  test('has an example for each construct, which compiles, also in the README', () => {
    const examples = CONSTRUCTS.map(({ comment }) =>
      (comment.split('@example\n')[1] ?? '').replaceAll(/^ *\* ?/gm, ''),
    );
    const functions = examples.map(
      (code, index) => `export function example${index}(this: Construct): void {\n${code}}\n`,
    );
    expect(CONSTRUCTS.length).toBeGreaterThan(8);
    expect(examples).not.toContain('');
    // One run of the compiler, because each takes seconds.
    expect(compilerErrorsOf(GIVEN + functions.join(''), programIn(PAGE))).toBe('');
  });
});

test('shows alarms wherever it shows a function or a configuration', () => {
  const read = (file: string): string => readFileSync(join(PROJECT, file), 'utf8');
  const blocksOf = (page: string, language: string): string[] =>
    [...read(page).matchAll(new RegExp(`^ *\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'gm'))].map(
      ([, code = '']) => code,
    );
  const code = [
    ...CONSTRUCTS.map(({ comment }) => comment.split('@example\n')[1] ?? ''),
    ...blocksOf(PAGE, 'ts'),
    ...globSync('examples/cdk/*.ts', { cwd: PROJECT }).map(read),
  ];
  // A function that is given has its alarms where it is created.
  const functions = code.filter(
    (text) =>
      /new RotationFunction\(/.test(text) ||
      (/new CredentialRotation\(/.test(text) && !/\brotationFunction,/.test(text)),
  );
  expect(functions.length).toBeGreaterThan(8);
  expect(functions.filter((text) => !text.includes('new RotationAlarms('))).toEqual([]);

  const configurations = [PAGE, 'docs/configuration.md', 'docs/api-keys.md', 'docs/applications.md'].flatMap((page) =>
    blocksOf(page, 'yaml'),
  );
  const whole = [...configurations, ...globSync('{,examples/*/}*.yaml', { cwd: PROJECT }).map(read)].filter((text) =>
    /^ *secrets:/m.test(text),
  );
  expect(whole.length).toBeGreaterThan(5);
  expect(whole.filter((text) => !/^ *monitoring:/m.test(text))).toEqual([]);
});

/** The page with code for the constructs. */
const PAGE = 'README.md';

/** The TypeScript blocks of a page that are about the constructs, as one program. */
function programIn(page: string): string {
  const text = readFileSync(join(PROJECT, page), 'utf8');
  const blocks = [...text.matchAll(/^ *```ts\n([\s\S]*?)```/gm)].map(([, code = '']) => code);
  const code = blocks.filter((block) => /'zilliz-secret-rotation'|rotation\./.test(block)).join('');
  expect(code).toContain("from 'zilliz-secret-rotation'");
  expect(code).toContain('rotation.grantRotate(pipelineRole)');
  const [imports, rest] = [true, false].map((isImport) =>
    code.split('\n').filter((line) => /^ *import /.test(line) === isImport),
  );
  return `import type { IRole } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
${imports?.join('\n').replaceAll("'zilliz-secret-rotation'", "'../../infra/index.ts'")}
declare const applicationRole: IRole;
declare const pipelineRole: IRole;
export function code(this: Construct): void {
${rest?.join('\n')}
}
`;
}

test('the README of the client has examples that compile', () => {
  const readme = readFileSync(join(PROJECT, 'packages', 'client', 'README.md'), 'utf8');
  const examples = [...readme.matchAll(/^( *)```ts\n([\s\S]*?)```$/gm)]
    .map(([, indent = '', code = '']) => code.replaceAll(new RegExp(`^${indent}`, 'gm'), ''))
    // The clone does not install LangChain.
    .filter((code) => !code.includes("'@langchain/"))
    .map((code) => code.replace("'zilliz-secret-client'", "'../../client/index.ts'"));
  expect(examples.length).toBeGreaterThan(1);
  expect(compilerErrorsOf(...examples)).toBe('');
});

/**
 * Compiles programs in a folder two levels below the project.
 *
 * @returns The errors of the compiler.
 */
function compilerErrorsOf(...programs: readonly string[]): string {
  const folder = mkdtempSync(join(PROJECT, '.local', 'examples-'));
  try {
    const files = programs.map((_, index) => `example${index}.ts`);
    for (const [index, file] of files.entries()) {
      writeFileSync(join(folder, file), programs[index] ?? '');
    }
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({ extends: '../../tsconfig.json', files, include: [] }),
    );
    execFileSync(join(NODE_BIN, 'tsc'), ['-p', folder, '--noUnusedLocals', 'false'], { encoding: 'utf8' });
    return '';
  } catch (error) {
    return (error as { stdout: string }).stdout;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
