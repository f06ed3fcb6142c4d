import {
  isRevocation,
  isWithoutGap,
  revocationToken,
  tokenWithoutGap,
} from '../../protocol/rotation/strategies/minimum-gap.ts';
import { SecretStoreError } from '../../protocol/secret/secret-store.ts';
import { AWSCURRENT, AWSPREVIOUS, holderOf, sentLabels, unfinishedVersion } from '../../protocol/secret/versions.ts';
import { catchKnown } from '../outcome/catch-known.ts';
import { type CommandRefusal, refused } from '../outcome/failure.ts';
import { hasRotatedSince } from '../select/conditions.ts';
import type { Ready } from './check-secret.ts';
import type { RotateReport } from './json-schema.ts';
import { isComplete } from './report.ts';
import type { RotateOptions } from './rotate-definition.ts';
import type { RotatePorts } from './rotate-ports.ts';
import { rotateSecret } from './rotate-secret.ts';

/** The options after a leak: both users get new passwords, or replaced API keys are deleted. */
type LeakOptions = Pick<RotateOptions, 'olderThan' | 'bothUsers' | 'revokePrevious'>;

export function refuseLeakOptions(
  { secret: { name }, strategy }: Ready,
  { bothUsers, revokePrevious }: LeakOptions,
): CommandRefusal | undefined {
  if (bothUsers && strategy.source === 'assumed') {
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
 */
export async function hasNewCredentials(
  { secret, users }: Ready,
  { olderThan, bothUsers = false, revokePrevious = false }: LeakOptions,
  { aws, clock }: Pick<RotatePorts, 'aws' | 'clock'>,
): Promise<boolean> {
  if (olderThan === undefined || unfinishedVersion(secret) !== undefined) {
    return false;
  }
  if (!revokePrevious && !(bothUsers && users)) {
    return hasRotatedSince(secret, { olderThan }, clock.now());
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
    return version !== undefined && isAsked(version.versionId) && version.createdAt > olderThan.startOf(clock.now());
  });
}

/**
 * Rotates a secret as the options ask: both users of a secret whose users take turns without the
 * minimum gap, or with a token with which the function deletes the replaced API key. A rotation
 * that ran before replaces the key without that, so another one follows. Stops after a rotation
 * that is not complete.
 *
 * @returns a report of each rotation
 */
export async function rotateAsAsked(
  secretId: string,
  isAlternating: boolean,
  options: RotateOptions,
  ports: RotatePorts,
): Promise<readonly RotateReport[]> {
  const { bothUsers = false, revokePrevious = false } = options;
  const newToken = revokePrevious
    ? () => revocationToken(ports.newToken().replaceAll('-', ''))
    : bothUsers && isAlternating
      ? () => tokenWithoutGap(ports.newToken())
      : ports.newToken;
  const rotate = async () => await rotateSecret(secretId, options, { ...ports, newToken });
  const first = await rotate();
  const needsSecond = revokePrevious
    ? first.versionId !== null && !isRevocation(first.versionId)
    : bothUsers && isAlternating;
  return needsSecond && isComplete(first.outcome) ? [first, await rotate()] : [first];
}
