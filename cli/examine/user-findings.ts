import type { UsableCredential } from '../../protocol/credential/stored-credential.ts';
import { lacksSentLabel } from '../../protocol/secret/versions.ts';
import { readStoredRoles, rolesTag } from '../aws/stored-roles.ts';
import type { Examination } from './examine-secret.ts';
import type { ExaminedUsers } from './examine-users.ts';
import { type Finding, problem, undecided } from './finding.ts';

/** The findings about the users of one secret, the most serious first. */
export function userFindings(examination: Examination): readonly Finding[] {
  const { current, turns } = examination;
  if (current === undefined) {
    return [];
  }
  const findings = [
    storedRolesFinding(examination),
    ...(turns === undefined
      ? [notPinnedFinding(examination, current)]
      : [otherUserFinding(examination, turns), unlabelledFinding(examination, turns), rolesFinding(examination)]),
  ];
  return findings.filter((finding) => finding !== undefined);
}

function notPinnedFinding(
  { strategy: { users }, secret }: Examination,
  current: UsableCredential,
): Finding | undefined {
  const { username } = current.credentials;
  return users.length === 0 || users.includes(username)
    ? undefined
    : problem(
        'user-not-pinned',
        `AWSCURRENT names the user ${username}, and the configuration names ${users.join(' and ')}. Every rotation fails with CURRENT_INVALID.`,
        `Store the credential of ${users.join(' or ')} in ${secret.name}, or correct its entry in the configuration and deploy it.`,
      );
}

/** A repair that was interrupted after it had dropped the user. */
export function storedRolesFinding({ current, secret }: Examination): Finding | undefined {
  const { username } = current?.credentials ?? {};
  const roles = username === undefined ? [] : readStoredRoles(secret.tags, username);
  return username === undefined || roles.length === 0
    ? undefined
    : problem(
        'roles-not-confirmed',
        `A repair that recreates ${username} has not ended, so ${username} may lack roles: ${roles.join(', ')}. The tag ${rolesTag(username)} keeps them.`,
        `Grant the roles that are missing, and remove the tag, with \`zilliz-rotation repair ${secret.name} --admin-secret ADMIN-SECRET --recreate-user\`.`,
      );
}

function otherUserFinding(
  { cluster, current, secret, tried }: Examination,
  { other: { username, search } }: ExaminedUsers,
): Finding | undefined {
  switch (search.kind) {
    case 'found':
    case 'not-enforced':
      return undefined;
    case 'undecided':
      // If the search for the user in AWSCURRENT was undecided too, its finding says why.
      return cluster.kind === 'undecided'
        ? undefined
        : undecided(
            `It is not known whether the stored credential of ${username} is in force. ${search.why}`,
            'Run the command again on a machine that reaches the cluster.',
          );
    case 'none': {
      const denied = tried.some(({ why }) => why === 'denied');
      const url = current?.credentials.endpoint.url ?? 'the cluster';
      return problem(
        'other-user-not-in-force',
        `No stored password of ${username}, whose turn it is, is in force at ${url}. AWSCURRENT is not concerned. The next rotation fails with NONE_IN_FORCE.`,
        `${denied ? 'First ask for kms:Decrypt with the keys of the versions that AWS does not let the command read, and repeat the command. ' : ''}As an admin, set a password for ${username}, and create the user if it does not exist. Then store its credential with its sent label and without an AWS label: \`aws secretsmanager put-secret-value --secret-id ${secret.name} --client-request-token ID --version-stages zilliz-sent:ID --secret-string file://second.json\` (docs/applications.md#set-up-two-users).`,
      );
    }
  }
}

function unlabelledFinding(
  { secret }: Examination,
  { other: { username, search } }: ExaminedUsers,
): Finding | undefined {
  return search.kind === 'found' && lacksSentLabel(secret, search.inForce.versionId)
    ? problem(
        'other-user-unlabelled',
        `The credential of ${username} in version ${search.inForce.versionId} is in force and has no sent label. After the next value that a person stores, Secrets Manager may delete this version, and no rotation could change ${username} any more.`,
        `Add the label with \`zilliz-rotation repair ${secret.name}\`.`,
      )
    : undefined;
}

/** The roles of the two users, if the logins with both of them returned their roles. */
export function comparedRoles({
  cluster,
  turns,
}: Examination):
  | { readonly current: readonly string[]; readonly other: readonly string[]; readonly equal: boolean }
  | undefined {
  const search = turns?.other.search;
  if (cluster.kind !== 'found' || search?.kind !== 'found') {
    return undefined;
  }
  const current = [...cluster.roles].toSorted();
  const other = [...search.roles].toSorted();
  return { current, other, equal: current.join('\n') === other.join('\n') };
}

function rolesFinding(examination: Examination): Finding | undefined {
  const roles = comparedRoles(examination);
  const { current, turns } = examination;
  if (roles === undefined || roles.equal || current === undefined || turns === undefined) {
    return undefined;
  }
  const { username } = current.credentials;
  const other = turns.other.username;
  const only = (a: readonly string[], b: readonly string[]): string => a.filter((role) => !b.includes(role)).join(', ');
  const ofCurrent = only(roles.current, roles.other);
  const ofOther = only(roles.other, roles.current);
  const has = (user: string, names: string): string => (names === '' ? '' : ` Only ${user} has: ${names}.`);
  return problem(
    'roles-differ',
    `The two users have different roles, so each rotation changes what applications may do.${has(username, ofCurrent)}${has(other, ofOther)}`,
    'As an admin, give both users the same roles: grant each role in this list to the other user, or revoke it. The command and the function never change roles.',
  );
}
