import { differingRoles } from '../../protocol/rotation/strategies/alternating-users.ts';
import { usersOf } from '../../protocol/secret/rotated-secrets.ts';
import { lacksSentLabel } from '../../protocol/secret/versions.ts';
import type { Examination } from './examination.ts';
import { type Finding, problem, undecided } from './finding.ts';
import type { OtherUser } from './other-users.ts';
import { deniedVersions } from './tried-versions.ts';

export function userFindings(examination: Examination): ReadonlyArray<Finding | undefined> {
  const { other } = examination;
  return other === undefined
    ? []
    : [otherUserFinding(examination, other), unlabelledFinding(examination, other), rolesFinding(examination)];
}

function otherUserFinding(examination: Examination, { username, search }: OtherUser): Finding | undefined {
  const { search: ofCurrent, current, sameUser, secret, strategy } = examination;
  switch (search.kind) {
    case 'found':
    case 'not-enforced':
      return undefined;
    case 'undecided':
      // If the search for the user in AWSCURRENT was undecided too, its finding says why.
      return ofCurrent.kind === 'undecided'
        ? undefined
        : undecided(
            `It is not known whether the cluster accepts the stored credential of ${username}. ${search.explanation}`,
            'Run the command again on a machine that reaches the cluster.',
          );
    case 'none': {
      const isDenied = deniedVersions(examination).length > 0;
      const url = current?.credentials.endpoint.url ?? 'the cluster';
      const init = `zilliz-rotation init ${secret.name} --users ${usersOf(strategy.pins).join(',')}`;
      const {
        message = '',
        advice = `If you know the password of ${username}, store it with \`${init}\`. If the user does not exist, let an admin create it with \`${init} --admin-secret ADMIN-SECRET\`. If nobody knows the password, let an admin set a new one with \`zilliz-rotation repair ${secret.name} --admin-secret ADMIN-SECRET\`.`,
      } = sameUser.explanation ?? {};
      return problem(
        'other-user-not-in-force',
        `${url} accepts no stored password of ${username}, whom the next rotation changes. AWSCURRENT is not concerned. The next rotation fails with NONE_IN_FORCE. ${message}`.trim(),
        `${isDenied ? 'First ask for kms:Decrypt with the keys of the versions that AWS does not let the command read, and repeat the command. ' : ''}${advice}`,
      );
    }
  }
}

function unlabelledFinding({ secret }: Examination, { username, search }: OtherUser): Finding | undefined {
  return search.kind === 'found' && lacksSentLabel(secret, search.accepted.versionId)
    ? problem(
        'other-user-unlabelled',
        `The cluster accepts the credential of ${username} in version ${search.accepted.versionId}, which has no sent label. After the next value that a person stores, Secrets Manager may delete this version, and no rotation could change ${username} any more.`,
        `Add the label with \`zilliz-rotation repair ${secret.name}\`.`,
      )
    : undefined;
}

function rolesFinding({ search, current, other }: Examination): Finding | undefined {
  if (search.kind !== 'found' || other?.search.kind !== 'found') {
    return undefined;
  }
  const roles = differingRoles(search.roles.toSorted(), other.search.roles.toSorted());
  if (roles.missing.length + roles.added.length === 0) {
    return undefined;
  }
  const has = (user: string, names: readonly string[]): string =>
    names.length === 0 ? '' : ` Only ${user} has: ${names.join(', ')}.`;
  return problem(
    'roles-differ',
    `The two users have different roles, so each rotation changes what applications may do.${has(current?.credentials.username ?? '', roles.missing)}${has(other.username, roles.added)}`,
    'As an admin, give both users the same roles: grant each role in this list to the other user, or revoke it. The command and the function never change roles.',
  );
}
