import { DEFAULT_PROPAGATION_MS, logIn } from '../../protocol/cluster/login.ts';
import { toLoginPorts } from '../cluster/login.ts';
import { nameOf } from '../credential-forms/forms.ts';
import type { Explanation } from '../outcome/failure.ts';
import type { Ready } from './check-secret.ts';
import type { ShowProgress } from './report.ts';
import type { RotatePorts } from './rotate-ports.ts';

/** finishSecret deletes the key after AWSCURRENT has moved. */
const DELETION_MS = 20_000;

const PAUSE_MS = 1000;

/**
 * Logs in with the replaced API key until the cluster refuses it, or must have heard of its
 * deletion.
 *
 * @returns a note, or why the revocation is not proven
 */
export async function proveRevocation(
  { previous: { credentials }, secret, strategy }: Pick<Ready, 'previous' | 'secret' | 'strategy'>,
  ports: Pick<RotatePorts, 'cluster' | 'clock' | 'interrupted' | 'randomId'>,
  showProgress: ShowProgress,
): Promise<string | Explanation> {
  const { clock, interrupted } = ports;
  const { url } = credentials.endpoint;
  const key = nameOf(credentials);
  const until = clock.now() + DELETION_MS + (strategy.config?.propagationMs ?? DEFAULT_PROPAGATION_MS);
  showProgress(`logging in to ${url} with the replaced ${key}, until it is refused`);
  for (;;) {
    const login = await logIn(toLoginPorts(ports), credentials);
    if (login.kind === 'rejected') {
      return `The replaced ${key} is refused at ${url}.`;
    }
    if (interrupted.aborted || clock.now() >= until) {
      return {
        code: login.kind === 'accepted' ? 'still-accepted' : 'revocation-unproven',
        message:
          login.kind === 'accepted'
            ? `AWSCURRENT of ${secret.name} has moved, and ${url} still accepts the replaced ${key}.`
            : `AWSCURRENT of ${secret.name} has moved. It is not known whether ${url} still accepts the replaced ${key}. ${login.explanation}`,
        advice: `Delete the key in the console of Zilliz Cloud. Or repeat the command: it replaces the key again, and deletes all earlier ones.`,
      };
    }
    await clock.sleep(PAUSE_MS, interrupted);
  }
}
