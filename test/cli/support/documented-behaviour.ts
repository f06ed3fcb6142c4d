import { expect } from 'vitest';
import { schemaOf } from '../../../build/cli/schemas.ts';
import { AWS_CODES } from '../../../cli/aws/aws-error.ts';
import type { ErrorCodes } from '../../../cli/command-definition.ts';
import { COMMANDS } from '../../../cli/commands.ts';
import { ExitCode, exitCodesOf } from '../../../cli/outcome/exit-code.ts';

/**
 * The AWS action that each method of a `SecretStore` calls. The fake records these calls by the
 * name of the method, and all other calls by the name of the action.
 */
const ACTIONS: Readonly<Record<string, string>> = {
  describe: 'DescribeSecret',
  read: 'GetSecretValue',
  list: 'ListSecretVersionIds',
  put: 'PutSecretValue',
  promote: 'UpdateSecretVersionStage',
  addLabel: 'UpdateSecretVersionStage',
  removeLabel: 'UpdateSecretVersionStage',
};

interface Run {
  readonly code: ExitCode;
  readonly out: string;
  /** The calls that the fake of AWS recorded: a method or an action, then its arguments. */
  readonly calls: readonly string[];
}

/**
 * Checks what the definition of a subcommand promises about each run: its exit code, the document
 * of `--json`, its error codes and the permissions.
 */
export function checkDocumented(args: readonly string[], { code, out, calls }: Run): void {
  const definition = COMMANDS.map((command) => command.definition).find(({ name }) => name === args[0]);
  if (definition === undefined) {
    return;
  }
  const { name, exitCodes, codes: errorCodes, permissions } = definition;
  const codes = exitCodesOf(exitCodes).map((exitCode) => exitCode.code);
  expect(codes, `the exit codes in the definition of ${name}`).toContain(code);

  const called = calls.map((call) => call.split(' ')[0] ?? '').map((method) => ACTIONS[method] ?? method);
  const allowed = new Set(permissions.map(({ action }) => action.split(':')[1]));
  const forgotten = called.filter((action) => !allowed.has(action));
  expect(forgotten, `calls that the permissions in the definition of ${name} lack`).toEqual([]);
  const isChange = (action: string) => !/^(Describe|Get|List|Filter|Lookup)/.test(action);
  expect(code === ExitCode.usage ? called.filter(isChange) : [], 'changes by wrong arguments').toEqual([]);

  const printed = [...out.matchAll(/^\S+: [a-z ]+ \(([a-z-]+)\)$/gm)].map(([, reason = '']) => reason);
  // The exit code for several secrets is that of the most serious outcome.
  const isForOne = /^[^-]/.test(args[1] ?? '-') && /^-/.test(args[2] ?? '-');
  const outcome = isForOne ? exitCodesOf(exitCodes).find((known) => known.code === code)?.name : undefined;
  const unlisted = printed.filter(
    (reason) => errorCodes && !isListed({ outcome, error: { code: reason } }, errorCodes),
  );
  expect(unlisted, `error codes in the text that the definition of ${name} lacks`).toEqual([]);

  // Wrong arguments and faults end the command before it prints a document.
  if (args.includes('--json') && out !== '') {
    const document: unknown = JSON.parse(out);
    const { error } = schemaOf(name).safeParse(document);
    expect(error?.issues ?? [], `the document of ${args.join(' ')}, by its schema`).toEqual([]);
    expect(document).toMatchObject({ exitCode: code });
    if (errorCodes !== undefined) {
      const unknown = outcomesIn(document as OutcomeJson).filter((known) => !isListed(known, errorCodes));
      expect(unknown, `error codes that the definition of ${name} lacks`).toEqual([]);
    }
  }
}

interface OutcomeJson {
  readonly outcome?: string | undefined;
  readonly error?: { readonly code: string } | null;
  readonly secrets?: readonly OutcomeJson[];
}

function outcomesIn({ secrets = [], ...document }: OutcomeJson): readonly OutcomeJson[] {
  return [document, ...secrets].filter(({ error }) => error != null);
}

/** A code that begins with a capital is of the function, or the name of an error of AWS. */
function isListed({ outcome, error }: OutcomeJson, listed: ErrorCodes): boolean {
  const { code = '' } = error ?? {};
  const meanings = outcome === undefined ? Object.values(listed) : [listed[outcome] ?? {}];
  return code in AWS_CODES || meanings.some((codes) => code in codes) || /^[A-Z]/.test(code);
}
