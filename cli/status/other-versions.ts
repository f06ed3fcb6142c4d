import { logIn } from '../../protocol/cluster/login.ts';
import { readVersionUnlessDenied } from '../../protocol/credential/read-version.ts';
import { mayReplace } from '../../protocol/credential/stored-credential.ts';
import type { ListedVersion } from '../../protocol/secret/secret-store.ts';
import { toLoginPorts } from '../cluster/login.ts';
import type { Examination } from '../examine/examination.ts';
import type { ExaminePorts } from '../examine/examine-secret.ts';
import { triedVersion } from '../examine/search-versions.ts';

/** A secret can have a hundred versions without a label. The JSON document lists all of them. */
const UNLABELLED_SHOWN = 5;

/** The versions with a label, and the newest of the others. */
export function shownVersions<V extends Pick<ListedVersion, 'labels'>>(versions: readonly V[]): readonly V[] {
  const hidden = versions.filter(({ labels }) => labels.length === 0).slice(UNLABELLED_SHOWN);
  return versions.filter((version) => !hidden.includes(version));
}

/**
 * Logs in with the shown versions that the search for the accepted password did not need. Only a
 * login proves that the cluster refuses an older password of the users.
 *
 * @throws SecretStoreError
 */
export async function tryOtherVersions(examination: Examination, ports: ExaminePorts): Promise<Examination> {
  const { secret, secretId, current, search, strategy, versions } = examination;
  if (search.kind !== 'found' || current === undefined) {
    return examination;
  }
  const { endpoint, username } = current.credentials;
  const usernames = [username, ...strategy.users];
  const tried = [...examination.tried];
  for (const { versionId } of shownVersions(versions)) {
    const isSettled = ports.interrupted.aborted || tried.some(({ candidate }) => candidate.versionId === versionId);
    const stored = isSettled
      ? undefined
      : await readVersionUnlessDenied(secret, versionId, { ...ports, store: ports.aws.store(secretId) });
    const credentials = stored?.kind === 'usable' ? stored.credentials : undefined;
    const isOurs =
      credentials?.endpoint.url === endpoint.url &&
      (usernames.includes(credentials.username) || mayReplace(credentials, current.credentials));
    if (credentials !== undefined && isOurs) {
      const login = await logIn(toLoginPorts(ports), credentials);
      if (login.kind !== 'undecided') {
        tried.push(triedVersion({ versionId, stage: 'stranded' }, login.kind, credentials));
      }
    }
  }
  return { ...examination, tried };
}
