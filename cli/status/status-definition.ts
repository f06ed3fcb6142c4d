import { type Command, InvalidArgumentError } from 'commander';
import { ADVICE } from '../../protocol/rotation/failures.ts';
import type { CommandDefinition } from '../command-definition.ts';
import { FINDING_CODES } from '../examine/finding.ts';
import { addSelectionOptions, type SelectionOptions } from '../select/selection-options.ts';
import { addClusterOptions, addManagerOption, type ExamineOptions, parseList } from '../terminal/options.ts';

export interface StatusOptions extends SelectionOptions, ExamineOptions {
  /** Codes of findings. @default every problem and every undecided finding */
  readonly failOn?: readonly string[];
}

export const statusDefinition: CommandDefinition = {
  name: 'status',
  summary: 'show which stored credential is accepted and what is wrong',
  description:
    'Shows versions, labels and rotation of each secret. Shows a table of several, and of more than three only the findings. ' +
    'A secret is urgent if applications that read AWSCURRENT cannot log in. ' +
    'Logs in to find the stored version that the cluster accepts. ' +
    'Shows the last failed attempt from the log of the function. Changes nothing. ' +
    'Compares the examined secrets: if two hold one user or API key, a rotation of one makes the other wrong. ' +
    'If the cluster accepts no stored password of a user, searches up to 1,000 other secrets for this user, and reads their values.',
  examples: [
    { text: 'Show one secret.', line: 'zilliz-rotation status milvus/orders' },
    {
      text: 'Show all secrets of a rotation function.',
      line: 'zilliz-rotation status --rotated-by zilliz-rotation',
    },
    {
      text: 'Show all secrets of a team in two regions.',
      line: 'zilliz-rotation status --tag team=search --regions eu-west-1,us-east-1',
    },
    {
      text: 'Fail in a pipeline only if a rotation is overdue or off, or cannot run.',
      line: 'zilliz-rotation status --all --fail-on overdue,rotation-off,not-configured,function-absent,function-not-invocable',
    },
    {
      text: 'Show all secrets of two accounts, with the role that both have.',
      line: 'zilliz-rotation status --all --accounts 111122223333,444455556666 --role zilliz-rotation-inventory',
    },
  ],
  define: addStatusOptions,
  exitCodes: {
    ok: 'there is no finding, or there are notices only, or none that --fail-on names',
    failed: 'there is a problem, or a finding that --fail-on names',
    refused:
      'a secret could not be read, an account or region could not be searched, or it is not known whether the conditions select a secret',
    unconfirmed: 'this machine cannot find out which credential the cluster accepts',
  },
};

function addStatusOptions(command: Command): void {
  addManagerOption(addClusterOptions(addSelectionOptions(command)))
    .optionsGroup('Result:')
    .option(
      '--fail-on <codes>',
      'fail only for findings with these codes, separated by commas, also for notices',
      parseCodes,
    );
}

/** A misspelt code would let a pipeline succeed for ever. */
function parseCodes(text: string): readonly string[] {
  const codes = parseList(text);
  const unknown = codes.filter((code) => !FINDING_CODES.includes(code) && !Object.hasOwn(ADVICE, code));
  if (unknown.length > 0) {
    throw new InvalidArgumentError(
      `No finding has the code ${unknown.join(', ')}. docs/operations.md#start-here lists the codes.`,
    );
  }
  return codes;
}
