import { tokenWithoutGap } from '../../protocol/rotation/strategies/minimum-gap.ts';
import type { CommandPorts } from '../command-ports.ts';
import { refused } from '../outcome/failure.ts';
import { UsageError } from '../outcome/usage-error.ts';
import { type AskForConsent, planPrompt } from '../terminal/ask-for-plan.ts';
import { connectAwsFor } from '../terminal/read-options.ts';
import { runTask } from '../terminal/run-task.ts';
import type { Task } from '../terminal/task-list.ts';
import { checkSecret } from './check-secret.ts';
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
  const aws = connectAwsFor(secretId, options, ports);
  const own = createRotatePorts(options, ports)(aws);
  const order = await askForBothUsers(secretId, own, planPrompt(secretId, options, ports));
  if (order.kind !== 'agreed') {
    return [reportOfNoRotation(secretId, order)];
  }
  const run: Task<readonly RotateReport[]>['run'] = async (showProgress) => {
    const value = await rotateInTurn(secretId, order.last, options, own, (event) => showProgress(progressLine(event)));
    const succeeded = value.every(({ outcome }) => outcome.kind === 'rotated');
    return { value, succeeded, summary: value.map(summaryLine).join(', then ') };
  };
  return await runTask({ title: secretId, run }, options, ports);
}

/** @returns `last`: the user in AWSCURRENT, whose password changes in the second rotation */
async function askForBothUsers(
  secretId: string,
  ports: RotatePorts,
  askForConsent: AskForConsent,
): Promise<{ readonly kind: 'agreed'; readonly last: string } | RotateOutcome> {
  const checked = await checkSecret(secretId, ports);
  if (checked.kind === 'refused') {
    return ports.interrupted.aborted ? explainInterruption('not-started', secretId) : checked;
  }
  const { secret, previous, strategy: known } = checked;
  const { username: last } = previous.credentials;
  const first = known.strategy.next(previous.credentials).username;
  if (first === last) {
    throw new UsageError(
      `--both-users is for a secret whose users take turns, and ${secret.name} has a single user. ${known.notes.join(' ')}`.trim(),
      'To replace the password of a single user, leave out --both-users.',
    );
  }
  const consent = await askForConsent(
    [
      `${first} gets a new password. The cluster refuses applications that keep an earlier credential of ${first} in memory`,
      `Right after that, ${last} gets a new password. The cluster refuses applications that keep the credential in AWSCURRENT in memory`,
      'An application works again as soon as it has read the secret again',
    ],
    { heading: 'both users get a new password now', question: 'Rotate both users now?' },
  );
  if (ports.interrupted.aborted) {
    return explainInterruption('not-started', secret.name);
  }
  switch (consent) {
    case 'yes':
      return { kind: 'agreed', last };
    case 'no':
      return refused(
        'declined',
        'The rotation of both users was declined. Nothing was changed.',
        'Run the command again to rotate both users.',
      );
    case 'unasked':
      return refused(
        'consent-needed',
        'Nobody agreed to the rotation of both users. Nothing was changed.',
        'Repeat with --yes.',
      );
  }
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
