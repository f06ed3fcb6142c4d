import type { UsableCredential } from '../../credential/stored-credential.ts';
import type { Candidate } from '../../secret/versions.ts';
import { canLogIn } from '../logins.ts';
import type { RotationPorts } from '../ports.ts';

export interface InForceCredential extends UsableCredential {
  readonly candidate: Candidate;
}

/**
 * The most stranded versions that are read at the same time, and the most logins with them at the
 * same time. So 100 slow reads and 100 slow logins end within one invocation.
 */
const AT_ONCE = 16;

/**
 * Logs in with up to {@link AT_ONCE} passwords at the same time.
 *
 * @returns the first credential, in the given order, that the cluster accepts.
 * @throws RotationError at the first answer, in the given order, that neither accepts nor rejects.
 */
export async function findAcceptedByLogin(
  ports: RotationPorts,
  credentials: readonly InForceCredential[],
): Promise<InForceCredential | undefined> {
  for (const batch of batchesOf(credentials)) {
    const logins = await Promise.allSettled(batch.map((credential) => canLogIn(ports, credential.credentials)));
    for (const [index, credential] of batch.entries()) {
      const login = logins[index];
      if (login?.status !== 'fulfilled') {
        throw login?.reason;
      }
      const { candidate } = credential;
      ports.report({ event: 'candidate-tried', candidate, login: login.value ? 'accepted' : 'rejected' });
      if (login.value) {
        return credential;
      }
    }
  }
  return undefined;
}

export function batchesOf<T>(items: readonly T[]): T[][] {
  const count = Math.ceil(items.length / AT_ONCE);
  return Array.from({ length: count }, (_, index) => items.slice(index * AT_ONCE, (index + 1) * AT_ONCE));
}
