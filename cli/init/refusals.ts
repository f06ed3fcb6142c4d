import { mayReplace } from '../../protocol/credential/stored-credential.ts';
import { STRATEGIES, strategyOf } from '../../protocol/rotation/strategies/strategies.ts';
import type { StrategyDefinition } from '../../protocol/rotation/strategies/strategy.ts';
import { formRules } from '../../protocol/secret/credential-form.ts';
import { type SecretTarget, targetOfUsers } from '../../protocol/secret/rotated-secrets.ts';
import type { Examination } from '../examine/examination.ts';
import { failureOfFinding } from '../examine/finding.ts';
import { searchFinding } from '../examine/findings.ts';
import { refusalOfStaleCopies } from '../examine/stale-copies.ts';
import { type Failure, refused } from '../outcome/failure.ts';
import type { InitRequest } from './init-definition.ts';
import type { InitTarget } from './target.ts';

export function refusalOf(target: InitTarget, request: InitRequest): Failure | undefined {
  const { examination, isWrong } = target;
  const ofExamination =
    examination &&
    ((isWrong ? undefined : otherTarget(examination, target)) ??
      otherUsersConfigured(examination, target) ??
      undecided(examination) ??
      staleCopies(examination, target));
  return otherOptions(target, request) ?? ofExamination ?? noManager(target);
}

/** Whether the options name users, a key or a helper that the strategy does not have. */
export function contradicts(
  { needsManager, pinProblems }: StrategyDefinition,
  { username, users, apiKeyId, adminSecret, managerSecret }: Partial<InitRequest>,
): boolean {
  const pins: SecretTarget = { username, usernames: users, apiKeyId };
  const helper = needsManager ? adminSecret : managerSecret;
  return helper !== undefined || pinProblems(pins, false).some(({ key }) => pins[key] !== undefined);
}

/** The options fit the strategy that they name. The configuration may name another one. */
function otherOptions({ strategy }: InitTarget, request: InitRequest): Failure | undefined {
  return contradicts(STRATEGIES[strategy], request)
    ? refused(
        'other-user',
        `The strategy of ${request.secretId} is ${strategy}, and an option is for another one.`,
        'Nothing was changed. Name another secret, or leave out the options of the other strategy.',
      )
    : undefined;
}

function otherTarget(
  { current, secret, knownUsers }: Examination,
  { usernames, asked, strategy }: InitTarget,
): Failure | undefined {
  if (current === undefined) {
    return undefined;
  }
  const { credentials } = current;
  const [held, wanted] = [formRules(credentials), formRules(STRATEGIES[strategy])];
  if (held !== wanted) {
    return refused(
      'other-user',
      `AWSCURRENT of ${secret.name} holds ${held.noun}, and you ask for ${wanted.noun}.`,
      'Nothing was changed. Name another secret, or leave out the options of the other strategy.',
    );
  }
  const [username = ''] = usernames;
  if (!mayReplace({ ...credentials, username }, credentials)) {
    const named = knownUsers.has(credentials.username) ? credentials.username : 'another user';
    return refused(
      'other-user',
      `AWSCURRENT of ${secret.name} is for ${named}, and you ask for ${usernames.join(' and ')}.`,
      'Nothing was changed. Ask for the user in AWSCURRENT, or name another secret.',
    );
  }
  return asked === undefined || asked.url === credentials.endpoint.url
    ? undefined
    : refused(
        'other-endpoint',
        `AWSCURRENT of ${secret.name} is for ${credentials.endpoint.url}, and you ask for ${asked.url}.`,
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
  return refusalOfStaleCopies({ current: base, secret, strategy: strategyOf(targetOfUsers(usernames)) });
}

/** Only the control plane knows whether a rotation can create another key like the given one. */
function noManager({ strategy, manager }: InitTarget): Failure | undefined {
  return STRATEGIES[strategy].needsManager && manager.managerSecretArn === undefined
    ? refused(
        'manager-needed',
        'Only the control plane knows whether a rotation can replace an API key, and only the manager key may ask. No option and no known function of the secret names the manager secret.',
        'Nothing was changed. Store the manager key in a secret of its own, and give --manager-secret SECRET.',
      )
    : undefined;
}
