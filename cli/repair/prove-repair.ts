import type { Credentials } from '../../protocol/cluster/cluster.ts';
import { loginEverywhere } from '../cluster/login.ts';
import { type Failure, failed, unconfirmed } from '../outcome/failure.ts';
import type { Outdated } from './outcome.ts';
import type { ChangePorts } from './ports.ts';

const DONE = 'Every step is done.';

/**
 * Logs in with the credential in AWSCURRENT after the last step, because a running rotation may
 * have changed the password after the login before that step.
 *
 * @returns `undefined` if the cluster accepts it
 */
export async function proveRepair(
  credentials: Credentials,
  ports: ChangePorts,
): Promise<Failure | Outdated | undefined> {
  ports.showProgress(`logging in as ${credentials.username} with AWSCURRENT`);
  const login = await loginEverywhere(credentials, ports);
  switch (login.kind) {
    case 'accepted':
      return undefined;
    case 'rejected': {
      const message = `${DONE} The cluster now rejects the password in AWSCURRENT, which it accepted before.`;
      const advice = 'A rotation may be running. Run the command again.';
      return ports.interrupted.aborted
        ? { kind: 'interrupted', code: 'interrupted', message, advice }
        : { kind: 'outdated', changed: true, failure: failed('changed-meanwhile', message, advice) };
    }
    case 'not-enforced':
      return unconfirmed(
        'authorization-off',
        `${DONE} The cluster now accepts a wrong password too, so the last login proves nothing.`,
        'Switch authorization on (common.security.authorizationEnabled), then run the command again.',
      );
    case 'undecided':
      return unconfirmed(
        'cluster-unavailable',
        `${DONE} The login after the last step proves nothing. ${login.explanation}`,
        'Run the command again on a machine that reaches the cluster.',
      );
  }
}
