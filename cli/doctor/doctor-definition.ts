import type { Command } from 'commander';
import type { CommandDefinition } from '../command-definition.ts';
import { addClusterOptions, addManagerOption, type ExamineOptions, parseDurationOption } from '../terminal/options.ts';

export const doctorDefinition: CommandDefinition = {
  name: 'doctor',
  summary: 'check everything that a rotation of a secret needs',
  description:
    'Checks the chain from the AWS identity to the alarms: what status finds, and what only this command checks. ' +
    'Each check passes, warns, fails, or is unknown, with the reason and what helps. ' +
    'Changes nothing. ' +
    'Searches up to 1,000 other secrets for the same user or API key, and reads their values.',
  examples: [
    { text: 'Check a secret.', line: 'zilliz-rotation doctor milvus/orders' },
    {
      text: 'Check a secret of a self-hosted cluster with a private authority.',
      line: 'zilliz-rotation doctor milvus/orders --allow-endpoint milvus.example.com --ca-file ca.pem',
    },
    {
      text: 'Check whether a reader that refreshes its copy every hour can log in at any time.',
      line: 'zilliz-rotation doctor milvus/orders --refresh-interval 1h',
    },
  ],
  define: addDoctorOptions,
  exitCodes: {
    ok: 'no check failed',
    failed: 'a check failed',
  },
};

export interface DoctorOptions extends ExamineOptions {
  /** In milliseconds. */
  readonly refreshInterval?: number;
}

function addDoctorOptions(command: Command): void {
  command.argument('<secret>', 'name or ARN of the secret');
  addManagerOption(addClusterOptions(command).optionsGroup('API keys:'))
    .optionsGroup('Readers:')
    .option(
      '--refresh-interval <duration>',
      'the longest time for which a reader keeps a credential, with its restart, such as 1h; warns if a replaced credential ends sooner',
      parseDurationOption,
    );
}
