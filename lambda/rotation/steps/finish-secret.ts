import { AWSCURRENT, holderOf, sentLabel, sentVersions } from '../../../secret/versions.ts';
import type { Attempt, RotatedPair } from '../attempt.ts';
import { RotationError } from '../errors.ts';
import { canLogIn, diagnoseRejectionByLogin } from '../logins.ts';
import type { RotationPorts } from '../ports.ts';
import type { Outcome } from '../progress.ts';

/**
 * Moves AWSCURRENT to the pending version by compare-and-swap, right after one more login with the pending password.
 *
 * AWSPENDING stays on the version. If a separate call removed it, Secrets Manager could take the rotation for incomplete.
 */
export async function finishSecret(ports: RotationPorts, attempt: Attempt, pair: RotatedPair): Promise<Outcome> {
  const { description, currentId, token } = attempt;
  if (!(await canLogIn(ports, pair.pending.credentials))) {
    throw await diagnoseRejectionByLogin(ports, pair);
  }
  if ((await ports.store.promote({ to: token, from: currentId })) === 'moved') {
    await describeAndRequireCurrent(ports, token);
  }
  await retireSentLabels(ports, sentVersions(description, token));
  return 'promoted';
}

/** AWSCURRENT was not on the expected version: an earlier call moved it and its answer was lost, or a person moved it. */
async function describeAndRequireCurrent(ports: RotationPorts, token: string): Promise<void> {
  const currentId = holderOf(await ports.store.describe(), AWSCURRENT);
  if (currentId !== token) {
    throw new RotationError(
      'CURRENT_MOVED',
      `AWSCURRENT was moved to version ${currentId ?? 'none'} during this rotation, and is left there.`,
      'pending',
    );
  }
}

/** A login has proven a newer password, so these passwords are obsolete. The next rotation retires a label that stays. */
async function retireSentLabels(ports: RotationPorts, versionIds: readonly string[]): Promise<void> {
  for (const versionId of versionIds) {
    try {
      await ports.store.removeLabel({ label: sentLabel(versionId), from: versionId });
      ports.report({ event: 'label-retired', versionId });
    } catch (error) {
      ports.report({ event: 'label-kept', versionId, why: error instanceof Error ? error.message : 'unknown' });
    }
  }
}
