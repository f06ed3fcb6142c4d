import { definitionOf } from '../../protocol/rotation/strategies/strategies.ts';
import { changePorts } from '../change/change-ports.ts';
import type { CommandPorts } from '../command-ports.ts';
import { managerPorts } from '../examine-ports.ts';
import type { ExitCode } from '../outcome/exit-code.ts';
import { UsageError } from '../outcome/usage-error.ts';
import { checkAdminSecret } from '../terminal/read-options.ts';
import { writeResult } from '../terminal/write-result.ts';
import type { InitOptions } from './init-definition.ts';
import { initSecret } from './init-secret.ts';
import { contradicts } from './refusals.ts';
import { documentOf, initText } from './render.ts';

export async function init(
  [secretId = '']: readonly string[],
  options: InitOptions,
  ports: CommandPorts,
): Promise<ExitCode> {
  checkUserOptions(options);
  checkAdminSecret(options.adminSecret, secretId, options);
  const shared = changePorts(secretId, options, ports);
  const report = await initSecret(options, {
    ...shared,
    usernames: options.users,
    // `status` and `doctor` compare the secret with others.
    findSameUser: async () => ({ others: [], notes: [] }),
    keyManager: managerPorts(options, ports),
  });
  const document = documentOf(report, shared);
  writeResult(options, ports, initText(document, report), document);
  return document.exitCode;
}

function checkUserOptions(options: InitOptions): void {
  const { username, users: usernames, apiKeyId } = options;
  const pins = { username, usernames, apiKeyId };
  const definition = definitionOf({ ...pins, strategy: options.strategy });
  // The secret or a question can tell what else is missing.
  const lacksUser = definition.pinProblems(pins, false).some(({ key }) => key === 'usernames');
  if (lacksUser || contradicts(definition, options)) {
    throw new UsageError(
      `--strategy ${definition.name} does not fit the other options.`,
      'Two users that take turns need --users A,B. An API key has no user and no admin. Leave out --strategy, or the options of another strategy.',
    );
  }
  if (options.role !== undefined && options.adminSecret === undefined) {
    throw new UsageError('--role needs --admin-secret.', 'Name the secret of an admin, who grants roles.');
  }
}
