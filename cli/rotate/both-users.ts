import type { CommandPorts } from '../command-ports.ts';
import { UsageError } from '../outcome/usage-error.ts';
import { askForPlan, planPrompt } from '../terminal/ask-for-plan.ts';
import { connectAwsFor } from '../terminal/read-options.ts';
import { runTask } from '../terminal/run-task.ts';
import type { Task } from '../terminal/task-list.ts';
import { checkSecret } from './check-secret.ts';
import { explainInterruption } from './explain.ts';
import { progressLine, summaryLine } from './render.ts';
import { type RotateReport, reportOfNoRotation } from './report.ts';
import type { RotateCommandOptions } from './rotate-definition.ts';
import { rotateInTurn, turnsOf } from './rotate-in-turn.ts';
import { createRotatePorts } from './rotate-ports.ts';

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
  const turns = turnsOf(checked);
  if (turns === undefined) {
    const { secret, strategy: known } = checked;
    throw new UsageError(
      `--both-users is for a secret whose users take turns, and ${secret.name} has a single user. ${known.notes.join(' ')}`.trim(),
      'To replace the password of a single user, leave out --both-users.',
    );
  }
  const [first, last] = turns;
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
    const value = await rotateInTurn(secretId, turns, options, own, (event) => showProgress(progressLine(event)));
    const succeeded = value.every(({ outcome }) => outcome.kind === 'rotated');
    return { value, succeeded, summary: value.map(summaryLine).join(', then ') };
  };
  return await runTask({ title: secretId, run }, options, ports);
}
