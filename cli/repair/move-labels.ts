import type { Cluster, Credentials } from '../../cluster/cluster.ts';
import type { SecretStore } from '../../secret/store.ts';
import { AWSPENDING, sentLabel } from '../../secret/versions.ts';
import { loginOnce } from '../cluster/login.ts';
import type { RepairFailure } from './outcome.ts';
import type { LabelStep } from './plan.ts';

/**
 * Logs in, then moves the labels. The login is repeated here, because the password may have
 * changed while the operator read the plan.
 *
 * @returns `undefined` after every step
 * @throws SecretStoreError
 */
export async function moveLabels(
  steps: readonly LabelStep[],
  credentials: Credentials,
  { store, cluster }: { store: SecretStore; cluster: Cluster },
): Promise<RepairFailure | undefined> {
  const login = await loginOnce(cluster, credentials);
  if (login.kind !== 'accepted') {
    return {
      kind: login.kind === 'rejected' ? 'refused' : 'unconfirmed',
      code: 'changed-meanwhile',
      message:
        login.kind === 'rejected'
          ? 'The cluster now rejects the password that it accepted before.'
          : `The login before the change of labels failed. ${login.explanation}`,
      advice: 'AWSCURRENT did not move. A rotation may be running. Run the command again.',
    };
  }
  for (const [index, step] of steps.entries()) {
    if ((await carryOut(step, store)) === 'moved') {
      return {
        kind: index === 0 ? 'refused' : 'failed',
        code: 'changed-meanwhile',
        message: 'Somebody else moved a label of the secret, probably a rotation.',
        advice:
          'The steps before this one are done, and they are safe. Run the command again to plan from the new state.',
      };
    }
  }
  return undefined;
}

/** @returns `moved` if the label is no longer on the version that the plan names */
async function carryOut(step: LabelStep, store: SecretStore): Promise<'done' | 'moved'> {
  switch (step.kind) {
    case 'promote':
      return store.promote(step);
    case 'add-sent-label':
      await store.addLabel({ label: sentLabel(step.versionId), to: step.versionId });
      return 'done';
    case 'remove-sent-label':
      // A label that somebody else has removed makes room too.
      await store.removeLabel({ label: sentLabel(step.from), from: step.from });
      return 'done';
    case 'remove-pending':
      return store.removeLabel({ label: AWSPENDING, from: step.from });
  }
}
