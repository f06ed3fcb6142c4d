import type { Examination } from '../examine/examination.ts';
import type { OtherUser } from '../examine/other-user.ts';
import type { KnownStrategy } from '../examine/read-strategy.ts';
import type { VersionSearch } from '../examine/search-versions.ts';
import { comparedRoles } from '../examine/user-findings.ts';
import { date, dateRoundedUp, iso } from '../terminal/time.ts';

const SOURCES: Readonly<Record<KnownStrategy['source'], string>> = {
  function: 'as the rotation function is configured',
  option: 'as --users says',
  assumed: 'assumed',
};

/** The lines of `status` about the strategy and the users of a secret. */
export function usersText(examination: Examination): readonly (readonly [key: string, text: string])[] {
  const { strategy, other } = examination;
  const { users, source } = strategy;
  const { title } = strategy;
  return [
    ['strategy', `${title}${users.length === 0 ? '' : `: ${users.join(' and ')}`}, ${SOURCES[source]}`],
    ...(other === undefined ? [] : bothUsers(examination, other)),
  ];
}

function bothUsers(
  examination: Examination,
  { username: next, search, currentSince, gap }: OtherUser,
): readonly (readonly [key: string, text: string])[] {
  const username = examination.current?.credentials.username ?? '';
  const since = currentSince === undefined ? '' : `, since ${date(currentSince)}`;
  const roles = comparedRoles(examination);
  const from = gap === undefined ? '' : gap.hasPassed ? ', possible now' : `, possible from ${dateRoundedUp(gap.end)}`;
  return [
    ['current', `${username}${since}`],
    ['other', `${next}, ${otherText(search)}`],
    ...(roles === undefined ? [] : [['roles', rolesText(roles)] as const]),
    ['turn', `the next rotation changes ${next}${from}`],
  ];
}

function otherText(search: VersionSearch): string {
  switch (search.kind) {
    case 'found':
      return `version ${search.accepted.versionId} is accepted`;
    case 'none':
      return 'no stored version is accepted';
    case 'not-enforced':
    case 'undecided':
      return 'not known whether its version is accepted';
  }
}

function rolesText({ equal, current, other }: NonNullable<ReturnType<typeof comparedRoles>>): string {
  const list = (roles: readonly string[]): string => roles.join(', ') || 'none';
  return equal ? `equal: ${list(current)}` : `DIFFERENT: ${list(current)}; of the other user: ${list(other)}`;
}

/** The key `strategy` of one secret in the document of `--json`. `json-schema.ts` describes it. */
export function strategyJson(examination: Examination): Record<string, unknown> {
  const { strategy, other, current } = examination;
  const roles = comparedRoles(examination);
  const { username } = current?.credentials ?? {};
  return {
    name: strategy.name,
    source: strategy.source,
    users: strategy.users,
    current: other === undefined ? null : { username, since: iso(other.currentSince), roles: roles?.current ?? null },
    other: other === undefined ? null : otherJson(other, roles?.other),
    rolesEqual: roles?.equal ?? null,
    nextRotationPossibleFrom: iso(other?.gap?.end),
  };
}

function otherJson({ username, search }: OtherUser, roles: readonly string[] | undefined) {
  return {
    username,
    /** Null: not known. */
    inForce: search.kind === 'found' ? true : search.kind === 'none' ? false : null,
    versionId: search.kind === 'found' ? search.accepted.versionId : null,
    roles: roles ?? null,
  };
}
