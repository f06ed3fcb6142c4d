import { STRATEGIES, strategyOf } from '../../protocol/rotation/strategies/strategies.ts';
import { changesUser } from '../../protocol/rotation/strategies/strategy.ts';
import { howToDeclareCopies } from '../../protocol/secret/copies.ts';
import { targetOfUsers } from '../../protocol/secret/rotated-secrets.ts';
import type { RotatingSecret } from '../aws/aws.ts';
import type { Examination } from '../examine/examination.ts';
import { failureOfFinding } from '../examine/finding.ts';
import { searchFinding } from '../examine/findings.ts';
import { describeStaleCopies } from '../examine/stale-copies.ts';
import { type Failure, refused } from '../outcome/failure.ts';
import type { InitRequest } from './init-definition.ts';
import type { InitTarget } from './target.ts';

/** Why the secret does not fit the request. */
export function refusalOf(target: InitTarget, request: InitRequest): Failure | undefined {
  const { secret, examination, isWrong } = target;
  const otherKey = secret && refusalOfKey(secret, request);
  return examination === undefined || otherKey !== undefined
    ? otherKey
    : ((isWrong ? undefined : otherTarget(examination, target)) ??
        otherUsersConfigured(examination, target) ??
        undecided(examination) ??
        staleCopies(examination, target));
}

/**
 * Refuses `--kms-key` if the secret exists with another key. The same key is accepted, because the
 * operator may repeat an interrupted command that has created the secret.
 */
function refusalOfKey(
  { name, kmsKeyId }: RotatingSecret,
  { kmsKey }: Pick<InitRequest, 'kmsKey'>,
): Failure | undefined {
  return kmsKey === undefined || kmsKeyId === kmsKey || kmsKey.endsWith(`:key/${kmsKeyId}`)
    ? undefined
    : refused(
        'other-key',
        `${name} exists, and its key is ${kmsKeyId ?? 'aws/secretsmanager'}, not ${kmsKey}.`,
        `Nothing was changed. Leave out --kms-key, or change the key first: \`aws secretsmanager update-secret --secret-id ${name} --kms-key-id ${kmsKey}\`.`,
      );
}

function otherTarget(
  { current, secret, knownUsers }: Examination,
  { usernames, asked, strategy }: InitTarget,
): Failure | undefined {
  const { username = '', endpoint, form = 'password' } = current?.credentials ?? {};
  const wanted = STRATEGIES[strategy].form;
  if (form !== wanted) {
    return refused(
      'other-user',
      `AWSCURRENT of ${secret.name} holds ${form === 'api-key' ? 'an API key' : 'a user and a password'}, and you ask for ${wanted === 'api-key' ? 'an API key' : 'a user'}.`,
      'Nothing was changed. Name another secret, or leave out the options of the other strategy.',
    );
  }
  // Another key may replace the stored one: its id comes with it.
  if (usernames[0] !== username && form === 'password') {
    const named = knownUsers.has(username) ? username : 'another user';
    return refused(
      'other-user',
      `AWSCURRENT of ${secret.name} is for ${named}, and you ask for ${usernames.join(' and ')}.`,
      'Nothing was changed. Ask for the user in AWSCURRENT, or name another secret.',
    );
  }
  return asked === undefined || asked.url === endpoint?.url
    ? undefined
    : refused(
        'other-endpoint',
        `AWSCURRENT of ${secret.name} is for ${endpoint?.url}, and you ask for ${asked.url}.`,
        'Nothing was changed. Leave out --endpoint and CLUSTER_ENDPOINT, or name another secret.',
      );
}

/** A single user may get a second one: the configuration is deployed after the command. */
function otherUsersConfigured({ strategy, secret }: Examination, { usernames }: InitTarget): Failure | undefined {
  return strategy.users.every((user) => usernames.includes(user))
    ? undefined
    : refused(
        'other-users-configured',
        `The configuration names ${strategy.users.join(' and ')} for ${secret.name}, and you ask for ${usernames.join(' and ')}.`,
        'Nothing was changed. Ask for the configured users, or first correct the entry in the configuration and deploy it.',
      );
}

function undecided({ search }: Examination): Failure | undefined {
  return search.kind === 'undecided' || search.kind === 'not-enforced'
    ? failureOfFinding(searchFinding(search))
    : undefined;
}

/** Places that a rotation does not update make every rotation fail. */
function staleCopies({ secret }: Examination, { base, usernames }: InitTarget): Failure | undefined {
  const strategy = strategyOf(targetOfUsers(usernames));
  const places = base?.staleCopies({ changesUser: changesUser(strategy, base.credentials) }) ?? [];
  return places.length === 0
    ? undefined
    : refused(
        'stale-copies',
        `AWSCURRENT ${describeStaleCopies(places)}`,
        `Nothing was changed. ${howToDeclareCopies(secret, places)}`,
      );
}
