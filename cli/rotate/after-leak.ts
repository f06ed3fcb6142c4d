import { isRevocation, isWithoutGap } from '../../protocol/rotation/strategies/minimum-gap.ts';
import { SecretStoreError } from '../../protocol/secret/secret-store.ts';
import { AWSCURRENT, AWSPREVIOUS, holderOf, sentLabels, unfinishedVersion } from '../../protocol/secret/versions.ts';
import { nameOf } from '../credential-forms.ts';
import { type CommandRefusal, catchKnown, refused } from '../outcome/failure.ts';
import { hasRotatedSince } from '../select/selection-options.ts';
import type { Checked } from './check-secret.ts';
import type { RotateOptions } from './rotate-definition.ts';
import type { Started } from './start-rotation.ts';

/** The options after a leak: both users get new passwords, or replaced API keys are deleted. */
type LeakOptions = Pick<RotateOptions, 'olderThan' | 'bothUsers' | 'revokePrevious'>;

export function refuseLeakOptions(
  { secret: { name }, strategy }: Checked,
  { bothUsers, revokePrevious }: LeakOptions,
): CommandRefusal | undefined {
  if (bothUsers && strategy.config === undefined) {
    return refused(
      'users-unknown',
      strategy.notes.join(' '),
      'Allow lambda:GetFunctionConfiguration, and repeat the command.',
    );
  }
  return revokePrevious && !strategy.canRevoke
    ? refused(
        'no-api-key',
        `${name} holds the password of a user, and a rotation ends the password that it replaces.`,
        `Nothing was changed. Use \`zilliz-rotation rotate ${name}\`, and --both-users if two users take turns.`,
      )
    : undefined;
}

/**
 * Whether a rotation after a leak has replaced each credential of a secret since `--older-than`, so
 * that a repeated command leaves out the secret. Both passwords of two users are from a rotation of
 * `--both-users`, and an API key is from one of `--revoke-previous`.
 *
 * @param now milliseconds since the epoch
 */
export async function hasNewCredentials(
  { secret, users, aws }: Checked,
  { olderThan, bothUsers = false, revokePrevious = false }: LeakOptions,
  now: number,
): Promise<boolean> {
  if (olderThan === undefined || unfinishedVersion(secret) !== undefined) {
    return false;
  }
  if (!revokePrevious && !(bothUsers && users)) {
    return hasRotatedSince(secret, olderThan, now);
  }
  const listed = await catchKnown(aws.store(secret.arn).list(), SecretStoreError);
  // If AWS does not tell the dates, the passwords are replaced once more.
  const versions = listed instanceof SecretStoreError ? [] : listed;
  const [labels, isAsked] = revokePrevious ? [[AWSCURRENT], isRevocation] : [[AWSCURRENT, AWSPREVIOUS], isWithoutGap];
  // A sent label of another version says that the function has not deleted its key.
  const current = holderOf(secret, AWSCURRENT);
  if (revokePrevious && sentLabels(secret).some(({ versionId }) => versionId !== current)) {
    return false;
  }
  return labels.every((label) => {
    const version = versions.find(({ versionId }) => versionId === holderOf(secret, label));
    return version !== undefined && isAsked(version.versionId) && version.createdAt > olderThan.startOf(now);
  });
}

/**
 * Whether another rotation must follow: that of the second user, or one that deletes the replaced
 * API key, because a rotation that ran before the command keeps it.
 *
 * @param count how many rotations of the secret are complete
 */
export function needsAnother(
  { users, versionId }: Started,
  count: number,
  { bothUsers, revokePrevious }: LeakOptions,
): boolean {
  return revokePrevious ? !isRevocation(versionId) : bothUsers === true && users !== undefined && count < 2;
}

/** Which credential still logs in after the rotation. */
export function notesOnReplaced(
  { strategy, previous, versionId, users }: Started,
  { bothUsers }: LeakOptions,
): readonly string[] {
  if (bothUsers) {
    return [];
  }
  if (users !== undefined) {
    const [, current] = users;
    return [
      `The credential of ${current} still logs in, because it was not the turn of ${current}. After a leak, rotate with --both-users.`,
    ];
  }
  return strategy.canRevoke && !isRevocation(versionId)
    ? [`The replaced ${nameOf(previous.credentials)} still logs in. After a leak, rotate with --revoke-previous.`]
    : [];
}
