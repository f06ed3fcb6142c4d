import type { CommandPorts } from '../command-ports.ts';
import { examinePorts } from '../examine-ports.ts';
import { ExitCode, mostSerious } from '../outcome/exit-code.ts';
import { endIfInterrupted, type Failure, refused, truncatedList } from '../outcome/failure.ts';
import { selectSecrets } from '../select/select-secrets.ts';
import { hasCondition } from '../select/selection-options.ts';
import { showAndAsk } from '../terminal/ask.ts';
import { createProgressWriter } from '../terminal/progress.ts';
import { counted, type Line, paragraph, printable, shellWord } from '../terminal/text.ts';
import { iso } from '../terminal/time.ts';
import type { Checked } from './check-secret.ts';
import type { RotateDocument } from './json-schema.ts';
import { planRotations, type RotationPlan } from './plan-rotations.ts';
import { reportOf, reportText, summaryText } from './report.ts';
import type { RotateOptions } from './rotate-definition.ts';
import { rotateEach } from './rotate-each.ts';
import { byPlace } from './rotate-ports.ts';

/**
 * Selects secrets, checks and plans, asks, and rotates each. A person who names one secret alone
 * sees its steps instead of a plan. Names alone need no question.
 */
export async function rotate(
  given: readonly string[],
  options: RotateOptions,
  ports: CommandPorts,
): Promise<{ readonly text: string; readonly document: RotateDocument }> {
  const { bothUsers = false, revokePrevious = false } = options;
  const { clock } = ports;
  const again = commandToContinue(options, ports);
  const shared = examinePorts(options, ports);
  const needsConsent = given.length === 0 || hasCondition(options) || bothUsers || revokePrevious;
  const [secretId = '', ...others] = new Set(given);
  if (!needsConsent && others.length === 0) {
    const { selected } = await selectSecrets(given, options, ports);
    const showSteps = createProgressWriter(secretId, options, ports);
    const secrets = [...(await rotateEach(selected, again, showSteps, options, shared))];
    const exitCode = mostSerious(secrets.map((report) => report.exitCode));
    return { text: secrets.map(reportText).join('\n'), document: { command: 'rotate', exitCode, secrets } };
  }
  createProgressWriter('search', options, ports)('finding the secrets, and checking whether each can rotate');
  const plan = await planRotations(await selectSecrets(given, options, ports), options, shared);
  const text = planText(plan, again, options);
  const planned = plan.secrets.map(({ secret: { arn }, users = [] }) => ({ arn, users: [...users] }));
  const document: RotateDocument = {
    ...{ error: null, command: 'rotate', exitCode: ExitCode.ok },
    ...{ plan: { ...plan, secrets: planned }, again: null, secrets: [] },
  };
  endIfInterrupted(ports);
  if (plan.secrets.length + plan.leftOut.length + plan.unsearched.length === 0) {
    return { text: `${text}\nEvery selected secret has rotated since --older-than. Nothing was started.\n`, document };
  }
  const consent = { json: options.json === true, yes: options.yes === true || !needsConsent };
  const refusal = await askForPlan(plan, text, consent, ports);
  if (refusal !== undefined) {
    const { kind, ...error } = refusal;
    return { text: `\n${error.message} ${error.advice}\n`, document: { ...document, exitCode: ExitCode[kind], error } };
  }
  if (options.json && !options.quiet) {
    // After a crash, nothing but the output so far says how to continue.
    ports.err.write(`After an interruption, continue with: ${again}\n`);
  }
  const began = clock.now();
  const rotated = await rotateEach(plan.secrets, again, undefined, options, shared);
  const leftOut = plan.leftOut.map(({ secretId, ...why }) =>
    reportOf(secretId, { kind: why.code === 'unexpected' ? why.code : 'refused', ...why }),
  );
  const secrets = [...rotated, ...leftOut];
  const unsearched = plan.unsearched.map(() => ExitCode.refused);
  const exitCode = mostSerious([...secrets.map((report) => report.exitCode), ...unsearched]);
  const result = summaryText(secrets, clock.now() - began, again);
  return { text: `\n${result}`, document: { ...document, exitCode, again, secrets } };
}

/**
 * The same command line. It leaves out what has rotated since now, because AWS knows what this run
 * has rotated.
 */
function commandToContinue({ olderThan }: RotateOptions, { args, clock }: CommandPorts): string {
  const [subcommand = '', ...others] = args;
  const since = olderThan === undefined ? ['--older-than', iso(clock.now())] : [];
  return printable(['zilliz-rotation', subcommand, ...since, ...others].map(shellWord).join(' '));
}

async function askForPlan(
  plan: RotationPlan,
  text: string,
  consent: { readonly json: boolean; readonly yes: boolean },
  ports: CommandPorts,
): Promise<Failure | undefined> {
  if (plan.secrets.length > 0) {
    return await showAndAsk(text, `Rotate ${counted(plan.secrets.length, 'secret')} now?`, consent, ports);
  }
  if (!consent.json) {
    ports.out.write(text);
  }
  return refused(
    'nothing-to-rotate',
    'There is nothing to rotate. Nothing was changed.',
    plan.leftOut.length + plan.unsearched.length === 0
      ? 'Correct the selection.'
      : 'Do what the plan advises about what it leaves out. Then repeat the command.',
  );
}

/**
 * What the command is going to do, and what it leaves out.
 *
 * @param again the command line that continues after an interruption
 */
function planText(plan: RotationPlan, again: string, { bothUsers, revokePrevious }: RotateOptions): string {
  const { secrets, leftOut, unsearched, rotatedSince } = plan;
  const alternating = secrets.filter(({ users }) => users !== undefined);
  return paragraph(`plan: rotate ${counted(secrets.length, 'secret')}`, [
    ...[...byPlace(secrets)].map(
      ([place, group]): Line => ['rotate', `${counted(group.length, 'secret')} in ${place}: ${namesOf(group)}`],
    ),
    alternating.length === 0
      ? undefined
      : [
          bothUsers ? 'both users' : 'one user',
          `${counted(alternating.length, 'secret')} whose two users take turns. ${bothUsers ? BOTH_USERS : ONE_USER}: ${namesOf(alternating)}`,
        ],
    revokePrevious && secrets.length > 0 ? ['revoke', `${REVOCATION}: ${namesOf(secrets)}`] : undefined,
    // One line for each reason.
    ...[...Map.groupBy(leftOut, ({ code }) => code)].flatMap(([code, entries]): Line[] => {
      const names = entries.map(({ secretId }) => secretId);
      const [first] = entries;
      return [
        ['left out', `${counted(entries.length, 'secret')} (${code}): ${truncatedList(names)}`],
        ['', `${first?.message ?? ''} ${first?.advice ?? ''}`],
      ];
    }),
    ...unsearched.map(
      ({ place, code, message, advice }): Line => ['unsearched', `${place} (${code}): ${message} ${advice}`],
    ),
    rotatedSince === 0 ? undefined : ['not chosen', `${rotatedSince} that have rotated since --older-than`],
    secrets.length === 0 ? undefined : ['again', `After an interruption, continue with \`${again}\``],
  ]);
}

const BOTH_USERS =
  'Both get a new password, one right after the other, without the minimum gap. The cluster refuses applications that keep an earlier credential in memory';

const ONE_USER =
  'Only the user whose turn it is gets a new password, and the other credential still logs in. After a leak, give --both-users';

const REVOCATION =
  'The function deletes the replaced API key, and every earlier one, right after AWSCURRENT has moved. The cluster refuses applications that keep it in memory';

function namesOf(secrets: readonly Checked[]): string {
  const names = secrets.map(({ secret }) => secret.name);
  return truncatedList(names);
}
