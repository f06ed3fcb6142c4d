import { tokenWithoutGap } from '../../protocol/rotation/strategies/minimum-gap.ts';
import type { CommandPorts } from '../command-ports.ts';
import { UsageError } from '../outcome/usage-error.ts';
import { askForPlan, planPrompt } from '../terminal/ask-for-plan.ts';
import { connectAwsFor } from '../terminal/read-options.ts';
import { runTask } from '../terminal/run-task.ts';
import type { Task } from '../terminal/task-list.ts';
import { checkSecret, type Ready } from './check-secret.ts';
import { explainInterruption } from './explain.ts';
import { progressLine, summaryLine } from './render.ts';
import { type ProgressListener, type RotateOutcome, type RotateReport, reportOfNoRotation } from './report.ts';
import type { RotateCommandOptions } from './rotate-definition.ts';
import { createRotatePorts, type RotatePorts } from './rotate-ports.ts';
import { rotateSecret } from './rotate-secret.ts';

/**
 * Rotates both users of a secret whose users take turns, one after the other and without the
 * minimum gap, because a credential leaked. Says what this interrupts, and asks.
 *
 * @returns a report of each rotation
 * @throws UsageError if the secret has a single user
 */
export async function rotateBothUsers(
  secretId: string,
  options: RotateCommandOptions,
  ports: CommandPorts,
): Promise<readonly RotateReport[]> {
  const { interrupted } = ports;
  const own = createRotatePorts(options, ports)(connectAwsFor(secretId, options, ports));
  const checked = await checkSecret(secretId, own);
  if (checked.kind === 'refused') {
    const outcome = interrupted.aborted ? explainInterruption('not-started', secretId) : checked;
    return [reportOfNoRotation(secretId, outcome)];
  }
  const [first, last] = usersInOrder(checked);
  const refusal = await askForPlan(
    [
      `${first} gets a new password. The cluster refuses applications that keep an earlier credential of ${first} in memory`,
      `Right after that, ${last} gets a new password. The cluster refuses applications that keep the credential in AWSCURRENT in memory`,
      'An application works again as soon as it has read the secret again',
    ],
    { askForConsent: planPrompt(secretId, options, ports), interrupted },
    { heading: 'both users get a new password now', question: 'Rotate both users now?' },
  );
  if (refusal !== undefined) {
    return [reportOfNoRotation(secretId, refusal)];
  }
  const run: Task<readonly RotateReport[]>['run'] = async (showProgress) => {
    const value = await rotateInTurn(secretId, last, options, own, (event) => showProgress(progressLine(event)));
    const succeeded = value.every(({ outcome }) => outcome.kind === 'rotated');
    return { value, succeeded, summary: value.map(summaryLine).join(', then ') };
  };
  return await runTask({ title: secretId, run }, options, ports);
}

/** @throws UsageError if the secret has a single user */
function usersInOrder({ secret, previous, strategy: known }: Ready): readonly [first: string, last: string] {
  const { username: last } = previous.credentials;
  const first = known.strategy.next(previous.credentials).username;
  if (first === last) {
    throw new UsageError(
      `--both-users is for a secret whose users take turns, and ${secret.name} has a single user. ${known.notes.join(' ')}`.trim(),
      'To replace the password of a single user, leave out --both-users.',
    );
  }
  return [first, last];
}

/** Stops after a rotation that is not complete. */
async function rotateInTurn(
  secretId: string,
  last: string,
  options: RotateCommandOptions,
  ports: RotatePorts,
  onProgress: ProgressListener,
): Promise<readonly RotateReport[]> {
  const withoutGap = { ...ports, newToken: () => tokenWithoutGap(ports.newToken()) };
  const rotate = async () => await rotateSecret(secretId, options, withoutGap, onProgress);
  const first = await rotate();
  if (!isComplete(first.outcome)) {
    const position = `This was the first of two rotations. The second was not started, so ${last} keeps its password.`;
    return [withPosition(first, position)];
  }
  const second = await rotate();
  return [first, withPosition(second, `The first of two rotations is complete. This is the second, of ${last}.`)];
}

/** The function has tested a new credential whose login the command could not confirm. */
function isComplete({ kind }: RotateOutcome): boolean {
  return kind === 'rotated' || kind === 'unconfirmed';
}

/** Adds to an outcome that is not complete which of the two rotations it was. */
function withPosition(report: RotateReport, position: string): RotateReport {
  const { outcome } = report;
  if (outcome.kind === 'rotated' || outcome.kind === 'unconfirmed') {
    return report;
  }
  const message = `${outcome.message} ${position}`;
  const advice = `${outcome.advice} To replace both passwords, repeat the command.`;
  return { ...report, outcome: { ...outcome, message, advice } };
}
