import { type ConfirmPorts, confirmLogin } from './confirm-login.ts';
import { explainEnd, explainInterruption } from './explain.ts';
import { followRotation, readAllStepRuns } from './follow-rotation.ts';
import type { ProgressListener, RotateOutcome, RotateReport } from './report.ts';
import type { RotateCommandOptions } from './rotate-definition.ts';
import { type Start, type StartPorts, startRotation } from './start/start-rotation.ts';
import { createStepRunReader } from './step-run-reader.ts';

export interface RotateOptions extends Pick<RotateCommandOptions, 'timeout' | 'retryWait'> {
  /**
   * How long to follow a rotation by its labels alone, before the log is read too. The log is read
   * earlier if AWSPENDING is removed. Default: 0. Then the log is read during the whole rotation,
   * and after it until its last line.
   */
  readonly labelsOnlyMs?: number;
}

/** Starts a rotation, or finds one that has started. */
export type Starter = (ports: StartPorts, onProgress: ProgressListener) => Promise<Start>;

/** Rotates one secret, follows the rotation to its end, and logs in. Reports every outcome. */
export async function rotateSecret(
  secretId: string,
  { timeout, retryWait, labelsOnlyMs = 0 }: RotateOptions,
  ports: StartPorts & ConfirmPorts,
  listener: ProgressListener,
  begin: Starter = async (...args) => await startRotation(secretId, ...args),
): Promise<RotateReport> {
  const { aws, clock, interrupted } = ports;
  const began = clock.now();
  const notes: string[] = [];
  const onProgress: ProgressListener = (progress) => {
    if (progress.kind === 'note') {
      notes.push(progress.text);
    }
    listener(progress);
  };
  const report = (outcome: RotateOutcome, known: Partial<RotateReport>): RotateReport => ({
    secretId,
    steps: [],
    ...known,
    notes,
    durationMs: clock.now() - began,
    outcome,
  });

  const start = await begin(ports, onProgress);
  if (start.kind === 'not-started') {
    const { secret, previous } = start.checked ?? {};
    return report(start.outcome, { arn: secret?.arn, previousVersionId: previous?.versionId });
  }
  const { secret, previous, versionId } = start;
  const previousVersionId = previous.versionId;
  onProgress({ kind: 'started', versionId });
  const readStepRuns = createStepRunReader(start, aws.functionLog(start.functionArn), onProgress);
  const followedSince = clock.now();
  const { end, runs } = await followRotation(
    {
      secretId,
      versionId,
      previousVersionId,
      deadline: followedSince + timeout,
      retryWaitMs: retryWait,
      labelsOnlyUntil: followedSince + labelsOnlyMs,
      pendingSeen: start.pendingSeen === true,
    },
    { aws, readStepRuns, clock, interrupted },
    onProgress,
  );
  const known = { arn: secret.arn, versionId, previousVersionId };
  if (end.kind !== 'promoted') {
    return report(explainEnd(end, runs, secret.name, versionId), { ...known, steps: runs });
  }
  onProgress({ kind: 'promoted', versionId });
  const outcome = interrupted.aborted
    ? explainInterruption('promoted', secret.name)
    : await confirmLogin(start, ports, onProgress);
  const steps = labelsOnlyMs === 0 ? await readAllStepRuns({ readStepRuns, clock, interrupted }) : runs;
  return report(outcome, { ...known, steps });
}
