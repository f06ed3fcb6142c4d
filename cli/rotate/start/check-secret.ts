import type {
  EndpointOptions,
  UnusableCredential,
  UsableCredential,
} from '../../../protocol/credential/stored-credential.ts';
import type { Aws, RotatingSecret } from '../../aws/aws.ts';
import { explainAwsError } from '../../aws/explain-aws-error.ts';
import type { WallClock } from '../../clock.ts';
import { searchFinding } from '../../examine/findings.ts';
import { type KnownStrategy, readStrategy, type Usernames } from '../../examine/read-strategy.ts';
import { readCurrent } from '../../examine/read-version.ts';
import { usersOfSecret } from '../../examine/same-user/compare-users.ts';
import type { FindSameUser } from '../../examine/same-user/find-same-user.ts';
import { explainSameUser } from '../../examine/same-user/same-user-texts.ts';
import { type CommandRefusal, refused } from '../../outcome/failure.ts';
import { refusalByDescription } from '../refusals.ts';

export interface CheckPorts {
  readonly aws: Aws;
  readonly endpoints: EndpointOptions;
  readonly clock: WallClock;
  readonly interrupted: AbortSignal;
  /** The users of `--users`. */
  readonly usernames: Usernames | undefined;
  readonly findSameUser: FindSameUser;
}

export interface Ready {
  readonly kind: 'ready';
  readonly secret: RotatingSecret;
  readonly functionArn: string;
  /** AWSCURRENT before the rotation. */
  readonly previous: UsableCredential;
  readonly strategy: KnownStrategy;
  /** What the command could not check. */
  readonly notes: readonly string[];
}

/** Refuses a secret whose login could not be confirmed after the rotation. */
export async function checkSecret(
  secretId: string,
  { aws, endpoints, usernames, findSameUser }: CheckPorts,
): Promise<Ready | CommandRefusal> {
  try {
    const secret = await aws.rotation.describeSecret(secretId);
    const byDescription = refusalByDescription(secret);
    if (byDescription !== undefined) {
      return byDescription;
    }
    const { name, rotationFunctionArn: functionArn = '' } = secret;
    const previous = await readCurrent(secret, { store: aws.store(secretId), endpoints });
    if (previous.kind === 'usable') {
      const strategy = await readStrategy(secret, usernames, aws);
      const { credentials } = previous;
      const sameUser = await findSameUser(usersOfSecret(secret, credentials, strategy), aws);
      const refusal = explainSameUser(name, credentials.endpoint.url, sameUser);
      return refusal === undefined
        ? { kind: 'ready', secret, functionArn, previous, strategy, notes: sameUser.notes }
        : { kind: 'refused', ...refusal, advice: `Nothing was changed. ${refusal.advice}` };
    }
    return refusalOfUnusable(previous, name);
  } catch (error) {
    return { kind: 'refused', ...explainAwsError(error) };
  }
}

/** Why no rotation starts from this AWSCURRENT. */
export function refusalOfUnusable(current: UnusableCredential, name: string): CommandRefusal {
  if (current.reason === 'no-value') {
    return refused('no-value', `${name} holds no value yet.`, 'Store the credential in the secret, then rotate.');
  }
  const { message, advice } = searchFinding(current);
  return current.reason === 'endpoint'
    ? refused(
        'unusable-secret',
        `This command would not be able to confirm the login of ${name} after a rotation. ${message}`,
        `Nothing was started. ${advice}`,
      )
    : refused(
        'unusable-secret',
        message,
        `Nothing was started. If somebody stored this value by mistake, \`zilliz-rotation status ${name}\` says how to restore the value before it. Otherwise: ${advice}`,
      );
}
