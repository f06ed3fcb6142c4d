import type { Cluster, Credentials } from '../../cluster/cluster.ts';
import type { SecretStore } from '../../secret/store.ts';
import { AWSPENDING, sentLabel } from '../../secret/versions.ts';
import { attempt } from '../cluster/login.ts';
import type { RepairOutcome } from './outcome.ts';
import type { LabelStep } from './plan.ts';

/**
 * Carries label steps out, right after one more login: the operator may have thought for an hour before saying yes.
 *
 * @returns `undefined` when every step is done
 * @throws SecretStoreError
 */
export async function relabel(
  steps: readonly LabelStep[],
  credentials: Credentials,
  store: SecretStore,
  cluster: Cluster,
): Promise<RepairOutcome | undefined> {
  const login = await attempt(cluster, credentials);
  if (login.kind !== 'accepted') {
    return {
      kind: login.kind === 'rejected' ? 'refused' : 'unconfirmed',
      code: 'changed-meanwhile',
      message: `The cluster no longer accepts the version that it accepted before (${login.kind}).`,
      advice: 'No label was moved; a rotation may be under way. Run the command again.',
    };
  }
  for (const [done, step] of steps.entries()) {
    const moved = await carryOut(step, store);
    if (moved) {
      return {
        kind: done === 0 ? 'refused' : 'failed',
        code: 'changed-meanwhile',
        message: 'The labels of the secret were moved by somebody else, probably by a rotation.',
        advice: 'What was done before is safe and stays. Run the command again to see how it stands now.',
      };
    }
  }
  return undefined;
}

/** @returns true when a label was no longer where the plan saw it */
async function carryOut(step: LabelStep, store: SecretStore): Promise<boolean> {
  switch (step.kind) {
    case 'promote':
      return (await store.promote(step)) === 'moved';
    case 'keep-findable':
      await store.addLabel({ label: sentLabel(step.versionId), to: step.versionId });
      return false;
    case 'remove-pending':
      return (await store.removeLabel({ label: AWSPENDING, from: step.from })) === 'moved';
  }
}
