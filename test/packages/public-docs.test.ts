import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { NODE_BIN, PROJECT } from '../../local/project.ts';

const read = (module: string): string => readFileSync(join(PROJECT, 'infra', module), 'utf8');

/** The names that `infra/index.ts` exports, by module: `type` before a name left out. */
const EXPORTS = [...read('index.ts').matchAll(/\{ (.*) \} from '\.\/(.*\.ts)'/g)].map(
  ([, names = '', module = '']) => ({
    module,
    names: names.split(', ').map((name) => name.replace('type ', '')),
  }),
);

/** Every exported declaration and every member below it, each with the comment right above it. */
function documentedIn(module: string): { comment: string; line: string }[] {
  const lines = /(?:\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\n)?( *(?:export|readonly) .*)$/gm;
  return [...read(module).matchAll(lines)].map(([, comment = '', line = '']) => ({ comment, line: line.trim() }));
}

/** Everything that somebody writes `new` or calls in an app of his own. */
const CONSTRUCTS = EXPORTS.flatMap(({ module, names }) =>
  documentedIn(module).flatMap(({ comment, line }) => {
    const [, name = ''] = /^export (?:class|function) (\w+)/.exec(line) ?? [];
    return names.includes(name) && !/Error$|^read/.test(name) ? { name, comment } : [];
  }),
);

/** What stands before such lines in anybody's app. */
const GIVEN = `import { type App, Duration } from 'aws-cdk-lib';
import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import * as rotation from '../../infra/index.ts';
const { readConfiguration, ${CONSTRUCTS.map(({ name }) => name).join(', ')} } = rotation;
declare const app: App;
declare const vpc: IVpc;
declare const encryptionKey: IKey;
declare const existing: ISecret;
declare const endpoint: string;
declare const rotationFunction: rotation.RotationFunction;
`;

describe('the documentation of the public constructs', () => {
  test.each(EXPORTS.filter(({ names }) => names.some((name) => /(Props|Options)$/.test(name))))(
    'says of every optional prop in $module what holds without it',
    ({ module }) => {
      const optional = documentedIn(module).filter(({ line }) => /^readonly \w+\?:/.test(line));
      expect(optional.filter(({ comment }) => !comment.includes('@default')).map(({ line }) => line)).toEqual([]);
    },
  );

  test.each(CONSTRUCTS)('has an example for $name', ({ comment }) => {
    expect(comment).toContain('@example');
  });

  test('has examples that compile', () => {
    const examples = CONSTRUCTS.map(({ comment }) =>
      (comment.split('@example\n')[1] ?? '').replaceAll(/^ *\* ?/gm, ''),
    );
    const functions = examples.map(
      (code, index) => `export function example${index}(this: Construct): void {\n${code}}\n`,
    );
    expect(CONSTRUCTS.length).toBeGreaterThan(8);
    expect(complaintsOf(GIVEN + functions.join(''))).toBe('');
  });
});

/** What the compiler says of a program that lies two folders below the project. */
function complaintsOf(program: string): string {
  const folder = mkdtempSync(join(PROJECT, '.local', 'examples-'));
  try {
    writeFileSync(join(folder, 'examples.ts'), program);
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({ extends: '../../tsconfig.json', files: ['examples.ts'], include: [] }),
    );
    execFileSync(join(NODE_BIN, 'tsc'), ['-p', folder, '--noUnusedLocals', 'false'], { encoding: 'utf8' });
    return '';
  } catch (error) {
    return (error as { stdout: string }).stdout;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
