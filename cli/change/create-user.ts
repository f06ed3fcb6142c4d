import type { Credentials } from '../../protocol/cluster/cluster.ts';
import { loginEverywhere, loginWithCheck } from '../cluster/login.ts';
import { failed } from '../outcome/failure.ts';
import type { UsableAdmin } from './admin.ts';
import type { PlanStep } from './step.ts';

/** Only a login proves the creation: the answer may be lost, or an earlier request arrives late. */
export function createUser({ admin, adminSecret }: UsableAdmin, credentials: Credentials): PlanStep {
  const { username, password, endpoint } = credentials;
  return {
    kind: 'create-user',
    text: `Create ${username} at ${endpoint.url} with the credential in ${adminSecret}`,
    run: async (ports) => {
      const answer = await ports.adminCluster.createUser(admin, username, password);
      const login = await (answer.kind === 'refused' ? loginWithCheck : loginEverywhere)(credentials, ports);
      if (login.kind === 'accepted') {
        return undefined;
      }
      if (answer.kind === 'refused') {
        return failed(
          'create-refused',
          `${endpoint.url} did not create ${username} (${answer.answer}).`,
          'Remove the cause.',
        );
      }
      const reason = answer.kind === 'lost' ? answer.answer : 'The cluster reported success and rejects the login.';
      const message = `It is not known whether ${username} exists at ${endpoint.url}. ${reason}`;
      return { ...failed('unsettled', message, 'Its password is stored.'), mayBeSet: true };
    },
  };
}
