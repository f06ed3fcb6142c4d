import { tokenWithoutGap } from '../../../protocol/rotation/strategies/minimum-gap.ts';
import { AWSCURRENT, holderOf } from '../../../protocol/secret/versions.ts';
import { examineSecret } from '../../examine/examine-secret.ts';
import type { VersionSearch } from '../../examine/search-versions.ts';
import type { ConfirmPorts } from '../confirm-login.ts';
import type { ProgressListener, RotateOutcome, RotateReport } from '../report.ts';
import { type RotateOptions, rotateSecret } from '../rotate-secret.ts';
import type { StartPorts } from '../start/start-rotation.ts';

/**
 * Rotates both users of a secret whose users take turns, one after the other and without the
 * minimum gap, because a credential leaked. Stops after a rotation that is not complete.
 *
 * @param last the user in AWSCURRENT, whose password changes in the second rotation
 * @returns a report of each rotation
 */
export async function rotateBothUsers(
  { secretId, last }: { secretId: string; last: string },
  options: RotateOptions,
  ports: StartPorts & ConfirmPorts,
  onProgress: ProgressListener,
): Promise<readonly RotateReport[]> {
  const rotate = () =>
    rotateSecret(secretId, options, { ...ports, newToken: () => tokenWithoutGap(ports.newToken()) }, onProgress);
  const first = await rotate();
  if (!isComplete(first.outcome)) {
    const position = `This was the first of two rotations. The second was not started, so ${last} keeps its password.`;
    return [await withState(first, position, ports)];
  }
  const second = await rotate();
  return isComplete(second.outcome)
    ? [first, second]
    : [
        first,
        await withState(second, `The first of two rotations is complete. This is the second, of ${last}.`, ports),
      ];
}

/** The function has tested a new credential whose login the command could not confirm. */
function isComplete({ kind }: RotateOutcome): boolean {
  return kind === 'rotated' || kind === 'unconfirmed';
}

/** Adds to the outcome which rotation it was, and which credential of each user is in force. */
async function withState(report: RotateReport, position: string, ports: ConfirmPorts): Promise<RotateReport> {
  const { outcome, secretId } = report;
  if (outcome.kind === 'rotated') {
    return report;
  }
  const state = ports.interrupted.aborted ? '' : ` ${await describeState(secretId, ports)}`;
  return {
    ...report,
    outcome: {
      ...outcome,
      message: `${outcome.message} ${position}${state}`,
      advice: `${outcome.advice} To replace both passwords, repeat the command.`,
    },
  };
}

async function describeState(secretId: string, ports: ConfirmPorts): Promise<string> {
  const examination = await examineSecret(secretId, ports);
  if (examination.kind === 'refused' || examination.current === undefined || examination.turns === undefined) {
    return 'It is not known which credentials are in force.';
  }
  const { secret, current, cluster, turns } = examination;
  const inForce = (search: VersionSearch): string => {
    switch (search.kind) {
      case 'found': {
        const { versionId } = search.inForce;
        return `version ${versionId}${versionId === holderOf(secret, AWSCURRENT) ? ' (AWSCURRENT)' : ''}`;
      }
      case 'none':
        return 'no stored version';
      case 'not-enforced':
      case 'undecided':
        return 'not known';
    }
  };
  return `In force: of ${current.credentials.username} ${inForce(cluster)}, of ${turns.other.username} ${inForce(turns.other.search)}.`;
}
