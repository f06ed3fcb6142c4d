import type { Cluster, Credentials } from '../../cluster/cluster.ts';
import {
  type EndpointOptions,
  readStoredCredential,
  reasonToSkip,
  type SkipReason,
} from '../../credential/stored-credential.ts';
import type { ListedVersion, SecretDescription, SecretStore } from '../../secret/store.ts';
import { AWSCURRENT, AWSPENDING, type Candidate, holderOf, orderCandidates } from '../../secret/versions.ts';
import { attempt } from '../cluster/login.ts';

/** What came of one stored version. `skipped`: its password was sent nowhere, and `why` says for what reason. */
export interface Tried {
  readonly candidate: Candidate;
  readonly login: 'accepted' | 'rejected' | 'skipped';
  readonly why: string | undefined;
}

/**
 * - `none`: the cluster rejects every stored password.
 * - `not-enforced`: it accepts passwords that nobody has, so that no login proves anything.
 * - `undecided`: it gave an answer that is neither yes nor no; whoever acts on that may lock somebody out.
 */
export type TriedVersions = { readonly tried: readonly Tried[] } & (
  | { kind: 'found'; candidate: Candidate; credentials: Credentials }
  | { kind: 'none' }
  | { kind: 'not-enforced' }
  | { kind: 'undecided'; why: string }
);

export interface TryVersionsPorts {
  readonly store: Pick<SecretStore, 'read'>;
  readonly cluster: Cluster;
  readonly interrupted: AbortSignal;
  /** A password that nobody has. */
  readonly randomId: () => string;
}

/**
 * Tries the stored versions, most likely first, against the one cluster and user that AWSCURRENT names, and nowhere
 * else. Each distinct password costs one login; a version for another host or user costs none.
 *
 * @throws SecretStoreError
 */
export async function tryVersions(
  secret: SecretDescription,
  listed: readonly ListedVersion[],
  current: Credentials,
  options: EndpointOptions,
  { store, cluster, interrupted, randomId }: TryVersionsPorts,
): Promise<TriedVersions> {
  const tried: Tried[] = [];
  const rejected = new Set<string>();
  const note = (candidate: Candidate, login: Tried['login'], why?: string): void => {
    tried.push({ candidate, login, why });
  };
  for (const candidate of orderCandidates(secret, listed, holderOf(secret, AWSPENDING))) {
    if (interrupted.aborted) {
      return { kind: 'undecided', why: 'Interrupted before every version was tried.', tried };
    }
    const { versionId } = candidate;
    const text = await store.read(versionId);
    const stored = readStoredCredential({ versionId, text, tags: secret.tags }, options);
    const why = reasonToSkip(stored, current);
    if (stored.kind === 'unusable' || why !== undefined) {
      note(candidate, 'skipped', SKIPPED[why ?? 'unreadable']);
      continue;
    }
    const { credentials } = stored;
    if (rejected.has(credentials.password)) {
      note(candidate, 'rejected');
      continue;
    }
    const answer = await attempt(cluster, credentials);
    switch (answer.kind) {
      case 'accepted':
        // A password that was refused has proven already that the cluster looks at passwords.
        if (rejected.size === 0) {
          const check = await attempt(cluster, { ...credentials, password: randomId() });
          if (check.kind === 'accepted') {
            return { kind: 'not-enforced', tried };
          }
          if (check.kind === 'unavailable') {
            return { kind: 'undecided', why: check.explanation, tried };
          }
        }
        note(candidate, 'accepted');
        return { kind: 'found', ...asCurrent(secret, candidate, credentials, current, note), tried };
      case 'rejected':
        rejected.add(credentials.password);
        note(candidate, 'rejected');
        break;
      case 'forbidden':
        return {
          kind: 'undecided',
          why: `${current.endpoint.url} knows ${current.username} and does not let it describe itself.`,
          tried,
        };
      case 'unavailable':
        return { kind: 'undecided', why: answer.explanation, tried };
    }
  }
  return { kind: 'none', tried };
}

const SKIPPED: Readonly<Record<SkipReason, string>> = {
  unreadable: 'it is empty or gone',
  'not a credential': 'it is no usable credential',
  'other host or user': 'it is for another host or user',
};

/**
 * AWSPENDING is tried first, and may hold the very password of AWSCURRENT: Secrets Manager copies it for the test of a
 * new schedule, and after a rotation both labels sit on one version. Then it is AWSCURRENT that is in force.
 */
function asCurrent(
  secret: SecretDescription,
  candidate: Candidate,
  credentials: Credentials,
  current: Credentials,
  note: (candidate: Candidate, login: 'accepted') => void,
): { candidate: Candidate; credentials: Credentials } {
  const versionId = holderOf(secret, AWSCURRENT);
  if (versionId === undefined || credentials.password !== current.password) {
    return { candidate, credentials };
  }
  const holder: Candidate = { versionId, stage: 'current' };
  if (versionId !== candidate.versionId) {
    note(holder, 'accepted');
  }
  return { candidate: holder, credentials: current };
}
