import { isSameUser, type SkipReason } from '../../protocol/credential/stored-credential.ts';
import { formOf } from '../../protocol/secret/credential-form.ts';
import { commandForm, nameOf } from '../credential-forms.ts';
import { truncatedList } from '../outcome/failure.ts';
import type { Examination } from './examination.ts';
import type { TriedVersion } from './search-versions.ts';

const REASONS: Readonly<Record<SkipReason, string>> = {
  unreadable: 'the version holds no value or no longer exists',
  denied: 'AWS denies access to the version or its KMS key',
  'not a credential': 'the version is not a credential',
  'other host or user': 'the version is for another host or user',
};

/** Why the credential of a version was not sent. Names only users that are known to be users. */
export function reasonOfSkip(
  { why, credentials }: TriedVersion,
  { current, knownUsers }: Pick<Examination, 'current' | 'knownUsers'>,
): string | undefined {
  if (why === undefined || credentials === undefined) {
    return why && REASONS[why];
  }
  if (current !== undefined && isSameUser(credentials, current.credentials)) {
    return 'another password of the user in AWSCURRENT, not tried';
  }
  const name = knownUsers.has(credentials.username) ? nameOf(credentials) : formOf(credentials).another;
  return `the version is for ${name} at ${credentials.endpoint.url}`;
}

/** The versions to which AWS denies access. */
export function deniedVersions({ tried }: Pick<Examination, 'tried'>): readonly string[] {
  return [...tried].flatMap(([versionId, { why }]) => (why === 'denied' ? versionId : []));
}

/** @returns `undefined` if AWS denied access to no version */
export function listDenied(examination: Pick<Examination, 'tried'>): string | undefined {
  const denied = deniedVersions(examination);
  return denied.length === 0
    ? undefined
    : `AWS denies access to these versions or their KMS keys: ${truncatedList(denied)}.`;
}

/** The user, or the API key, and the cluster in AWSCURRENT, for a message. */
export function userAt({ current, knownUsers }: Pick<Examination, 'current' | 'knownUsers'>): string {
  if (current === undefined) {
    return commandForm({}).unnamed;
  }
  const { credentials } = current;
  const name = knownUsers.has(credentials.username) ? nameOf(credentials) : commandForm(credentials).unnamed;
  return `${name} at ${credentials.endpoint.url}`;
}
