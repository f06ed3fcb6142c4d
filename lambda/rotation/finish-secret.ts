import type { SecretDescription } from '../../secret/store.ts';
import { AWSCURRENT, holderOf, sentLabel, sentVersions } from '../../secret/versions.ts';
import { RotationError } from './errors.ts';
import { accepts } from './logins.ts';
import type { RotationPorts } from './ports.ts';
import type { Outcome } from './progress.ts';
import { readBoth } from './stored-credentials.ts';
import { rejected } from './test-secret.ts';

/**
 * Moves AWSCURRENT to the pending version, by compare-and-swap and right after one more login with it.
 *
 * AWSPENDING stays on the version: taking it off in a call of its own can read as a rotation that never ended.
 */
export async function finishSecret(
  ports: RotationPorts,
  description: SecretDescription,
  currentId: string,
  token: string,
): Promise<Outcome> {
  const { current, pending } = await readBoth(ports, description, currentId, token);
  if (!(await accepts(ports, pending.credentials))) {
    throw await rejected(ports, current, pending);
  }
  if ((await ports.store.promote({ to: token, from: currentId })) === 'moved') {
    await requireCurrent(ports, token);
  }
  await retireLabels(ports, sentVersions(description, token));
  return 'promoted';
}

/** The label was not where it was: either our own earlier call moved it and its answer was lost, or a person did. */
async function requireCurrent(ports: RotationPorts, token: string): Promise<void> {
  const currentId = holderOf(await ports.store.describe(), AWSCURRENT);
  if (currentId !== token) {
    throw new RotationError(
      'CURRENT_MOVED',
      `AWSCURRENT was moved to version ${currentId ?? 'none'} during this rotation, and is left there.`,
      'pending',
    );
  }
}

/** The passwords of these versions are superseded by one proven in force. A label that stays is retired next time. */
async function retireLabels(ports: RotationPorts, versionIds: readonly string[]): Promise<void> {
  for (const versionId of versionIds) {
    try {
      await ports.store.removeLabel({ label: sentLabel(versionId), from: versionId });
      ports.report({ event: 'label-retired', versionId });
    } catch (error) {
      ports.report({ event: 'label-kept', versionId, why: error instanceof Error ? error.message : 'unknown' });
    }
  }
}
