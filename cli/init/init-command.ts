import { strategyOf } from '../../protocol/rotation/strategies/strategies.ts';
import { type ChangePorts, changePorts } from '../change/change-ports.ts';
import { changeKeys, changeText } from '../change/outcome.ts';
import type { CommandPorts, CommandResult } from '../command-ports.ts';
import { jsonName, nameOf } from '../credential-forms.ts';
import { NOT_SEARCHED } from '../examine/find-same-user.ts';
import { UsageError } from '../outcome/failure.ts';
import { checkAdminSecret } from '../terminal/read-options.ts';
import { printable } from '../terminal/text.ts';
import type { InitOptions } from './init-definition.ts';
import { type InitReport, initSecret } from './init-secret.ts';
import type { InitDocument } from './json-schema.ts';
import { contradicts } from './refusals.ts';

export async function init(
  [secretId = '']: readonly string[],
  options: InitOptions,
  ports: CommandPorts,
): Promise<CommandResult> {
  checkUserOptions(options);
  checkAdminSecret(options.adminSecret, secretId, options);
  const shared = changePorts(secretId, options, ports);
  const report = await initSecret(options, {
    ...shared,
    usernames: options.users,
    // `status` and `doctor` compare the secret with others.
    findSameUser: async () => NOT_SEARCHED,
  });
  const document = documentOf(report, shared);
  return { text: initText(document, report), document };
}

function checkUserOptions(options: InitOptions): void {
  const { username, users: usernames, apiKeyId } = options;
  const pins = { username, usernames, apiKeyId };
  const strategy = strategyOf({ ...pins, strategy: options.strategy });
  // The secret or a question can tell what else is missing.
  const lacksUser = strategy.pinProblems(pins, false).some(({ key }) => key === 'usernames');
  if (lacksUser || contradicts(strategy, options)) {
    throw new UsageError(
      `--strategy ${strategy.name} does not fit the other options.`,
      'Two users that take turns need --users A,B. An API key has no user and no admin. Leave out --strategy, or the options of another strategy.',
    );
  }
  if (options.role !== undefined && options.adminSecret === undefined) {
    throw new UsageError('--role needs --admin-secret.', 'Name the secret of an admin, who grants roles.');
  }
}

function initText(document: InitDocument, { users = [], entry: planned }: InitReport): string {
  const { outcome, endpoint, entry, error } = document;
  const text = changeText(
    document,
    outcome === 'ready' ? 'ready for rotation.' : 'in order. Nothing was changed.',
    users.map(({ credentials }) => ['login', `${nameOf(credentials)} at ${endpoint} is accepted`]),
  );
  if (entry === null || error !== null || planned?.isDeployed === true) {
    return text;
  }
  const lines = entry.trimEnd().split('\n');
  return [text, '\nsecrets:\n', ...lines.map((line) => `  ${printable(line)}\n`)].join('');
}

function nextStep({ entry, target }: InitReport, secretId: string): string {
  const name = target?.secret?.name ?? secretId;
  const rotate = `\`zilliz-rotation rotate ${name}\``;
  if (entry?.isDeployed === true) {
    return `Replace the credential with ${rotate}.`;
  }
  return (
    'Add the entry below to the configuration file of the rotation stack. ' +
    'If the file has an entry for the secret, give that entry these users, or this apiKeyId, and the endpoint. ' +
    `Deploy the stack. Then replace the credential with ${rotate}.`
  );
}

function documentOf(report: InitReport, { secretId, asked }: ChangePorts): InitDocument {
  const { outcome, target, users = [], entry } = report;
  const named = users.map(({ credentials, change }) => ({
    ...jsonName(credentials),
    origin: change === undefined ? ('existing' as const) : ('new' as const),
  }));
  const { exitCode, error, ...ended } = changeKeys(outcome);
  return {
    ...{ command: 'init', exitCode, secret: secretId },
    arn: target?.secret?.arn ?? null,
    ...ended,
    endpoint: target?.endpoint.url ?? null,
    users: named.flatMap(({ username, origin }) => (username === null ? [] : [{ username, origin }])),
    apiKeyId: named[0]?.apiKeyId ?? null,
    plan: [...asked.plan],
    entry: entry?.text ?? null,
    notes: [...(entry?.notes ?? [])],
    error,
    next: error === null ? nextStep(report, secretId) : null,
  };
}
