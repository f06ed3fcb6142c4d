import { AWSCURRENT, AWSPENDING, holderOf, unfinishedVersion } from '../../protocol/secret/versions.ts';
import type { RotatingSecret } from '../aws/aws.ts';
import { formatDuration } from '../terminal/time.ts';
import { checkSecret, type Ready } from './check-secret.ts';
import { explainInterruption, explainNotStarted } from './explain.ts';
import type { RotateOutcome, RotateProgress } from './report.ts';
import { requestRotation } from './request-rotation.ts';
import type { RotatePorts } from './rotate-ports.ts';

/** A rotation that runs or has ended. */
export interface Started extends Omit<Ready, 'kind'> {
  readonly kind: 'started';
  readonly versionId: string;
  /** False if the rotation ran before this command called RotateSecret. */
  readonly isOwn: boolean;
}

export type Start =
  | Started
  | { readonly kind: 'not-started'; readonly outcome: RotateOutcome; readonly checked?: Ready };

/** How long to wait for the end of a running rotation, or of the test of a new schedule. */
const PREVIOUS_MS = 10_000;
const PREVIOUS_PAUSE_MS = 1000;

/**
 * Checks the secret and calls RotateSecret.
 *
 * @param planned if given, a rotation that runs or has succeeded since counts as started.
 *   Otherwise the command waits for the end of a running rotation, and starts another.
 */
export async function startRotation(
  secretId: string,
  planned: RotatingSecret | undefined,
  ports: RotatePorts,
  progress: RotateProgress,
): Promise<Start> {
  const { clock, interrupted } = ports;
  const until = clock.now() + PREVIOUS_MS;
  // One token for all requests, because Secrets Manager starts one rotation for each token.
  const token = ports.newToken();
  for (let waits = 0; ; waits++) {
    const checked = await checkSecret(secretId, ports);
    if (checked.kind === 'refused') {
      const interruption =
        planned === undefined ? explainInterruption('not-started', secretId) : explainNotStarted(planned);
      return { kind: 'not-started', outcome: interrupted.aborted ? interruption : checked };
    }
    const takenOver = planned && takeOver(checked, planned);
    if (takenOver !== undefined) {
      return takenOver;
    }
    const askedAt = clock.now();
    const problem = await requestRotation({ secretId, secret: checked.secret, token }, ports);
    if (problem === undefined) {
      return { ...checked, kind: 'started', versionId: token, isOwn: true };
    }
    if (problem.code !== 'previous-incomplete' || askedAt >= until || interrupted.aborted) {
      const isInterrupted = interrupted.aborted && problem.kind === 'refused';
      // The refusal of RotateSecret may be newer than the description.
      const interruption =
        problem.code === 'previous-incomplete'
          ? explainInterruption('unfinished', checked.secret.name)
          : explainNotStarted(checked.secret);
      return { kind: 'not-started', outcome: isInterrupted ? interruption : problem, checked };
    }
    if (waits === 0) {
      const atMost = formatDuration(PREVIOUS_MS);
      progress.show(`another rotation, or the test of a new schedule, is running: waiting up to ${atMost} for its end`);
    }
    await clock.sleep(PREVIOUS_PAUSE_MS, interrupted);
  }
}

/** @returns the rotation that runs, or that has moved AWSCURRENT since the plan */
function takeOver(checked: Ready, planned: RotatingSecret): Started | undefined {
  const { secret, previous, strategy } = checked;
  const running = unfinishedVersion(secret);
  // AWS may still show how the secret was before the plan.
  if (running !== undefined && running !== holderOf(planned, AWSCURRENT)) {
    return { ...checked, kind: 'started', versionId: running, isOwn: false };
  }
  const before = holderOf(planned, AWSCURRENT);
  const current = holderOf(secret, AWSCURRENT);
  // A rotation leaves AWSPENDING on its version. A person who stores a value removes the label.
  if (before === undefined || current === undefined || current === before || holderOf(secret, AWSPENDING) !== current) {
    return undefined;
  }
  // AWSCURRENT is the new credential, and the rotation began from the user whose turn is next.
  const credentials = strategy.next(previous.credentials);
  const began = { ...previous, versionId: before, credentials };
  return { ...checked, kind: 'started', previous: began, versionId: current, isOwn: false };
}
