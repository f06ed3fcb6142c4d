import { strategyOf } from '../../protocol/rotation/strategies/strategies.ts';
import { failureOf } from '../aws/explain-aws-error.ts';
import { carryOut } from '../change/carry-out.ts';
import { type ChangePorts, changePorts } from '../change/change-ports.ts';
import { type ChangeOutcome, changeKeys, changeText } from '../change/outcome.ts';
import { planChange, type WantedCredential } from '../change/plan.ts';
import { type Plan, planTexts } from '../change/step.ts';
import type { CommandPorts, CommandResult } from '../command-ports.ts';
import { jsonName, nameOf } from '../credential-forms.ts';
import { EXAMINING } from '../examine/examine-secret.ts';
import { NOT_SEARCHED } from '../examine/find-same-user.ts';
import { endIfInterrupted, interruptedBeforeChange, UsageError } from '../outcome/failure.ts';
import { checkAdminSecret } from '../terminal/read-options.ts';
import { printable } from '../terminal/text.ts';
import { nameCredential, readUnnamed } from './ask-for-credential.ts';
import { type PlannedEntry, planEntry } from './entry.ts';
import type { InitOptions } from './init-definition.ts';
import type { InitDocument } from './json-schema.ts';
import { contradicts, requireFit } from './refusals.ts';
import { type InitTarget, readTarget } from './target.ts';
import { wantUsers } from './users.ts';

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

/** What is known of a secret that fits. */
interface Prepared {
  readonly target: InitTarget;
  readonly users: readonly WantedCredential[];
  readonly entry: PlannedEntry;
  readonly plan: Plan;
}

interface InitReport extends Partial<Prepared> {
  /** `ready`: something was changed, and the cluster accepts every stored credential. */
  readonly outcome: ChangeOutcome<'ready'>;
}

/** Takes a credential into rotation. Reports every outcome. */
async function initSecret(options: InitOptions, ports: ChangePorts): Promise<InitReport> {
  let prepared: Prepared | undefined;
  try {
    prepared = await prepare(options, ports);
    const { plan, target } = prepared;
    if (plan.steps.length === 0) {
      return { ...prepared, outcome: { kind: 'in-order' } };
    }
    await ports.askForConsent(planTexts(plan), { place: target.place });
    await carryOut(plan, ports);
    return { ...prepared, outcome: { kind: 'ready' } };
  } catch (error) {
    const failure = failureOf(error, 'refused');
    const isInterrupted = prepared === undefined && ports.interrupted.aborted;
    return { ...prepared, outcome: isInterrupted ? interruptedBeforeChange() : failure };
  }
}

/**
 * Finds out what is to be done. Changes nothing. @throws FailureError, AwsError, SecretStoreError
 */
async function prepare(options: InitOptions, ports: ChangePorts): Promise<Prepared> {
  ports.showProgress(EXAMINING);
  const read = await readTarget(options, ports);
  requireFit(read, options, ports.secretId);
  const target = { ...read, usernames: await nameCredential(read, ports) };
  const { password, others } = await readUnnamed(target, ports);
  const users = await wantUsers(target, password, options, ports);
  const { examination, secret, known, isWrong, base } = target;
  const [current, other] = users;
  const plan = planChange(
    { ...examination, secret, strategy: known, current: base, others },
    { current, other, ifFull: 'refused', keepsPending: !isWrong && secret?.rotationEnabled },
    ports,
  );
  endIfInterrupted(ports);
  return { target, users, entry: planEntry(target, ports.secretId), plan };
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
