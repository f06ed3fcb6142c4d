import type { SkipReason } from '../../protocol/credential/stored-credential.ts';
import { truncatedList } from '../outcome/failure.ts';
import type { Examination } from './examine-secret.ts';
import type { TriedVersion } from './search-versions.ts';

const REASONS: Readonly<Record<SkipReason, string>> = {
  unreadable: 'the version holds no value or no longer exists',
  denied: 'AWS denies access to the version or its KMS key',
  'not a credential': 'the version is not a credential',
  'other host or user': 'the version is for another host or user',
};

/** Why the password of a version was not sent. */
export function describeSkip({ why, names }: TriedVersion): string | undefined {
  return names === undefined ? why && REASONS[why] : `the version is for ${names}`;
}

/** Which versions were tried, and why others were not. Leaves out versions without access. */
export function describeTries({ tried, secret }: Pick<Examination, 'tried' | 'secret'>): readonly string[] {
  const name = ({ candidate: { versionId } }: TriedVersion): string => {
    const labels = secret.versions.find((version) => version.versionId === versionId)?.labels ?? [];
    const aws = labels.filter((label) => label.startsWith('AWS'));
    return aws.length === 0 ? versionId : `${versionId} (${aws.join(', ')})`;
  };
  const rejected = tried.filter(({ login }) => login === 'rejected');
  const skipped = tried.filter(({ login, why }) => login === 'skipped' && why !== 'denied');
  return [
    ...(rejected.length === 0 ? [] : [`Tried: ${truncatedList(rejected.map(name), ', ')}.`]),
    ...(skipped.length === 0
      ? []
      : [
          `Skipped: ${truncatedList(
            skipped.map((version) => `${name(version)}, because ${describeSkip(version)}`),
            '; ',
          )}.`,
        ]),
  ];
}
