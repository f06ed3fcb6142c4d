import type { Credentials } from '../../protocol/cluster/cluster.ts';
import type { CheckedLogin } from '../../protocol/cluster/login.ts';
import type { SecretStore } from '../../protocol/secret/secret-store.ts';
import { AWSPENDING, sentLabel } from '../../protocol/secret/versions.ts';
import { loginEverywhere } from '../cluster/login.ts';
import { type Failure, failed, refused, unconfirmed } from '../outcome/failure.ts';
import type { LabelStep } from './plan.ts';
import type { ChangePorts } from './ports.ts';

/**
 * Logs in, then moves the labels. The login is repeated here, because the password may have
 * changed while the operator read the plan, and because slow proxies may not know it yet.
 *
 * @returns `undefined` after every step
 * @throws SecretStoreError
 */
export async function moveLabels(
  steps: readonly LabelStep[],
  credentials: Credentials,
  ports: ChangePorts,
): Promise<Failure | undefined> {
  ports.showProgress(`logging in as ${credentials.username} several times, then moving the labels`);
  const login = await loginEverywhere(credentials, ports);
  if (login.kind !== 'accepted') {
    return failureOf(login, ports);
  }
  for (const [index, step] of steps.entries()) {
    if ((await carryOut(step, ports.store)) === 'moved') {
      return (index === 0 ? refused : failed)(
        'changed-meanwhile',
        'Somebody else moved a label of the secret, probably a rotation.',
        'The steps before this one are done, and they are safe. Run the command again to plan from the new state.',
      );
    }
  }
  return undefined;
}

function failureOf(login: Exclude<CheckedLogin, { kind: 'accepted' }>, { interrupted }: ChangePorts): Failure {
  const advice = 'AWSCURRENT did not move. A rotation may be running. Run the command again.';
  if (interrupted.aborted) {
    const message = 'The command was interrupted before its last login.';
    return { kind: 'interrupted', code: 'interrupted', message, advice };
  }
  switch (login.kind) {
    case 'rejected':
      return refused(
        'changed-meanwhile',
        'The cluster, or one of its proxies, rejects the password that the cluster accepted before.',
        advice,
      );
    case 'not-enforced':
      return unconfirmed('authorization-off', 'The cluster now accepts a wrong password too.', advice);
    case 'undecided':
      return unconfirmed(
        'changed-meanwhile',
        `The login before the change of labels failed. ${login.explanation}`,
        advice,
      );
  }
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
      await store.removeLabel({ label: step.label, from: step.from });
      return 'done';
    case 'remove-pending':
      return store.removeLabel({ label: AWSPENDING, from: step.from });
  }
}
