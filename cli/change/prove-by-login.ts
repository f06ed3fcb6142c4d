import type { UsableCredential } from '../../protocol/credential/stored-credential.ts';
import { loginWithCheck } from '../cluster/login-with-check.ts';
import { nameOf } from '../credential-forms.ts';
import { type Explanation, endWith, interruptedBeforeChange, unconfirmed } from '../outcome/failure.ts';
import type { ChangePorts } from './change-ports.ts';
import { endAsChanged, type PlanStep } from './step.ts';

export interface Proven extends Pick<UsableCredential, 'credentials'> {
  /** The name, if it may be printed. @default the name in the credentials */
  readonly user?: string;
  /** For a credential that the cluster has not accepted yet. */
  readonly ifRejected?: Explanation;
}

/**
 * A login that proves a password before labels move. The password may have changed while the
 * operator read the plan. Logs in until every proxy knows the password.
 */
export function proveByLogin(proven: Proven): PlanStep {
  const { credentials, user = nameOf(credentials) } = proven;
  return {
    kind: 'log-in',
    text: `Log in as ${user} at ${credentials.endpoint.url} several times, so that every proxy knows the credential`,
    run: (ports) => prove(proven, ports),
    credentials,
  };
}

async function prove({ credentials, ifRejected }: Proven, ports: ChangePorts): Promise<void> {
  const login = await loginWithCheck(credentials, ports, 'everywhere');
  const advice = 'A rotation may be running. Run the command again.';
  if (login.kind !== 'accepted' && ports.interrupted.aborted) {
    endWith({ ...interruptedBeforeChange(), advice });
  }
  switch (login.kind) {
    case 'accepted':
      return;
    case 'rejected':
      return ifRejected === undefined
        ? endAsChanged(
            'The cluster, or one of its proxies, rejects the credential that the cluster accepted before.',
            advice,
          )
        : endWith({ kind: 'failed', ...ifRejected });
    case 'not-enforced':
      return endWith(unconfirmed('authorization-off', 'The cluster now accepts a wrong credential too.', advice));
    case 'undecided': {
      const message = `The login before the change of labels failed. ${login.explanation}`;
      return endWith(unconfirmed('changed-meanwhile', message, advice));
    }
  }
}
