import { AWSCURRENT, AWSPENDING, hasSentLabel, holderOf, unfinishedVersion } from '../../protocol/secret/versions.ts';
import type { RotatingSecret } from '../aws/aws.ts';
import { AwsError } from '../aws/aws-error.ts';
import { catchKnown } from '../outcome/catch-known.ts';
import { confirmLogin } from './confirm-login.ts';
import type { NotedProgress, RotateReport } from './report.ts';
import type { RotateOptions } from './rotate-definition.ts';
import type { RotatePorts } from './rotate-ports.ts';
import type { Started } from './start-rotation.ts';

const PAUSE_MS = 1000;

/**
 * Logs in with the credential of a rotation that began after the one of this command and has moved
 * AWSCURRENT. A newer rotation that still runs may have changed the password already, so the
 * command waits for its end.
 *
 * @returns `undefined` if no newer rotation has moved AWSCURRENT
 */
export async function confirmNewerRotation(
  started: Started,
  { retryWait }: RotateOptions,
  ports: RotatePorts,
  progress: NotedProgress,
): Promise<Pick<RotateReport, 'outcome' | 'versionId'> | undefined> {
  const { aws, clock, interrupted } = ports;
  const deadline = clock.now() + retryWait;
  let confirmed: Pick<RotateReport, 'outcome' | 'versionId'> | undefined;
  for (;;) {
    const secret = await catchKnown(aws.rotation.describeSecret(started.secret.arn), AwsError);
    const readAgain = secret instanceof AwsError ? secret.retryable : isRunning(secret, started);
    const versionId = secret instanceof AwsError ? undefined : newerCurrent(secret, started);
    if (versionId !== undefined && versionId !== confirmed?.versionId) {
      const text = `Another rotation began after version ${started.versionId} of this command. AWSCURRENT is its version ${versionId}.`;
      progress.note(text);
      const { previous, strategy } = started;
      const users = [previous.credentials, strategy.next(previous.credentials)];
      confirmed = { versionId, outcome: await confirmLogin({ ...started, versionId }, ports, progress, users) };
      if (confirmed.outcome.kind !== 'rejected') {
        return confirmed;
      }
    } else if (!readAgain || clock.now() >= deadline || interrupted.aborted) {
      return confirmed;
    } else {
      await clock.sleep(PAUSE_MS, interrupted);
    }
  }
}

/** The version of a newer rotation in AWSCURRENT. A version that a person stored has no sent label. */
function newerCurrent(secret: RotatingSecret, started: Started): string | undefined {
  const current = holderOf(secret, AWSCURRENT);
  const isOfRotation =
    current !== undefined && (current === holderOf(secret, AWSPENDING) || hasSentLabel(secret, current));
  return isOfRotation && isNewer(current, started) ? current : undefined;
}

function isRunning(secret: RotatingSecret, started: Started): boolean {
  const running = unfinishedVersion(secret);
  return running !== undefined && isNewer(running, started);
}

function isNewer(versionId: string, { secret, versionId: own }: Started): boolean {
  return versionId !== own && secret.versions.every((version) => version.versionId !== versionId);
}
