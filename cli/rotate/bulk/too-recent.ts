import type { Aws, RotatingSecret } from '../../aws/aws.ts';
import { readStrategy } from '../../examine/read-strategy.ts';
import type { Explanation } from '../../outcome/failure.ts';
import { date } from '../../terminal/time.ts';

/**
 * Why the function would refuse a rotation of two users that take turns. It counts the minimum gap
 * from the last rotation, or from a later value that a person stored. Only the last rotation is
 * known without a further call to AWS, so the function may still refuse.
 *
 * @param now milliseconds since the epoch
 */
export async function explainTooRecent(
  secret: RotatingSecret,
  aws: Pick<Aws, 'functionEnvironment'>,
  now: number,
): Promise<Explanation | undefined> {
  const { name, lastRotatedAt } = secret;
  if (lastRotatedAt === undefined) {
    return undefined;
  }
  const { users, minimumGapMs = 0 } = await readStrategy(secret, undefined, aws);
  const possibleFrom = lastRotatedAt + minimumGapMs;
  return users.length < 2 || possibleFrom <= now
    ? undefined
    : {
        code: 'too-recent',
        message: `${users.join(' and ')} take turns in ${name}, and applications may still use the credential before the present one. The next rotation is possible from ${date(possibleFrom)}.`,
        advice: 'Repeat the command after this time.',
      };
}
