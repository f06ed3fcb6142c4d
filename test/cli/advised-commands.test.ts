import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as logs from '@aws-sdk/client-cloudwatch-logs';
import * as kms from '@aws-sdk/client-kms';
import * as lambda from '@aws-sdk/client-lambda';
import * as secretsmanager from '@aws-sdk/client-secrets-manager';
import * as sns from '@aws-sdk/client-sns';
import * as sts from '@aws-sdk/client-sts';
import { describe, expect, it } from 'vitest';
import { commandOf } from '../../build/cli/page.ts';
import { COMMANDS } from '../../cli/commands.ts';
import { ExitCode } from '../../cli/outcome/exit-code.ts';
import { ROTATED_SECRETS } from '../../protocol/secret/rotated-secrets.ts';
import { createFixture } from './support/command-fixture.ts';
import { addSecretWithUser } from './support/orders-fixture.ts';

const ROOT = join(import.meta.dirname, '..', '..');

/** The texts of the modules that advise commands. Interpolated values become X. */
const TEXTS = globSync(['cli/**/*.ts', 'lambda/**/*.ts', 'infra/**/*.ts', 'secret/**/*.ts'], { cwd: ROOT })
  // A definition has no advice, and page-assets.ts is generated.
  .filter((file) => !/-definition\.ts$|page-assets\.ts$/.test(file))
  .map((file) => withoutValues(readFileSync(join(ROOT, file), 'utf8')));

function withoutValues(source: string): string {
  const simpler = source.replaceAll(/\$\{[^{}`]*\}/g, 'X');
  return simpler === source ? source : withoutValues(simpler);
}

/** The code spans in quotes and, with escaped backticks, in templates. */
function codeSpansIn(source: string): readonly string[] {
  const quoted = [...source.matchAll(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/g)].flatMap(([text]) => [
    ...text.matchAll(/`([^`\\]+)`/g),
  ]);
  return [...quoted, ...source.matchAll(/\\`([^`\\]+)\\`/g)].map(([, code = '']) => code);
}

const codeSpans = TEXTS.flatMap(codeSpansIn);

const advised = [...new Set(codeSpans.filter((code) => /^zilliz-rotation \w/.test(code)))];

/** The SDK has an operation for each command of these services. */
const SERVICES: Readonly<Record<string, object>> = { kms, lambda, logs, secretsmanager, sns, sts };

/** Of commands of AWS. Their text is made in parts. */
const AWS_OPTIONS = ['--rotation-rules'];

describe('the advice in the texts of the product', () => {
  it.each(advised)('`%s` is a command line that the command accepts', async (line) => {
    const fixture = createFixture();
    addSecretWithUser(fixture, 'X');
    fixture.aws.secret('X').rotationFunctionArn = 'arn:aws:lambda:us-east-1:000000000000:function:X';
    fixture.aws.environment[ROTATED_SECRETS] = '*';
    await fixture.run(['rotate', '--all', '--journal', 'X', '--yes']);
    const { code, err } = await fixture.run(line.split(' ').slice(1));
    expect([ExitCode.usage, ExitCode.unexpected], err).not.toContain(code);
  });

  it('contains many commands', () => {
    expect(advised.length).toBeGreaterThan(10);
  });

  it('names only commands of the AWS CLI that exist', () => {
    const commands = codeSpans
      .map((code) => /^aws (\S+) (\S+)/.exec(code) ?? [])
      .filter(([, service = '']) => service in SERVICES);
    expect(commands.length).toBeGreaterThan(5);
    const unknown = commands.filter(([, service = '', action = '']) => {
      const operation = action.replaceAll(/(?:^|-)(.)/g, (_, letter: string) => letter.toUpperCase());
      return !(`${operation}Command` in (SERVICES[service] ?? {}));
    });
    expect(unknown.map(([line]) => line)).toEqual([]);
  });

  it('names only options that a subcommand has', () => {
    const known = [
      ...AWS_OPTIONS,
      '--help',
      '--version',
      ...COMMANDS.flatMap(({ definition }) => commandOf(definition).options.map(({ long }) => long)),
    ];
    const own = TEXTS.join('\n').replaceAll(/\b(aws|npx) [a-z0-9-]+ [^`\n]*/g, '');
    const named = new Set([...own.matchAll(/(?<![\w-])--[a-z][a-z-]*[a-z]/g)].map(String));
    expect(named.size).toBeGreaterThan(10);
    expect([...named].filter((option) => !known.includes(option))).toEqual([]);
  });
});
