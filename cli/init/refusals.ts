import { mayReplace } from '../../protocol/credential/stored-credential.ts';
import { STRATEGIES, strategyOf } from '../../protocol/rotation/strategies/strategies.ts';
import type { Strategy } from '../../protocol/rotation/strategies/strategy.ts';
import { formOf } from '../../protocol/secret/credential-form.ts';
import { type Pins, pinsOfUsers, usersOf } from '../../protocol/secret/rotated-secrets.ts';
import type { Examination } from '../examine/examination.ts';
import { endWithSearch } from '../examine/findings.ts';
import { requireNoStaleCopies } from '../examine/stale-copies.ts';
import { refuse } from '../outcome/failure.ts';
import type { InitOptions } from './init-definition.ts';
import type { InitTarget } from './target.ts';

/** @throws FailureError if the command must not go on */
export function requireFit(target: InitTarget, options: InitOptions, secretId: string): void {
  const { examination, isWrong, strategy } = target;
  if (contradicts(STRATEGIES[strategy], options)) {
    refuse(
      'other-user',
      `The strategy of ${secretId} is ${strategy}, and an option is for another one.`,
      'Name another secret, or leave out the options of the other strategy.',
    );
  }
  if (examination !== undefined) {
    if (!isWrong) {
      requireSameTarget(examination, target);
    }
    requireConfiguredUsers(examination, target);
    const { search, secret } = examination;
    if (search.kind === 'undecided' || search.kind === 'not-enforced') {
      endWithSearch(search);
    }
    // Places that a rotation does not update make every rotation fail.
    const pins = pinsOfUsers(target.usernames);
    requireNoStaleCopies({ current: target.base, secret, strategy: { ...strategyOf(pins), pins } });
  }
  requireManager(target);
}

/** Whether the options name users, a key or a helper that the strategy does not have. */
export function contradicts(
  { needsManager, pinProblems }: Strategy,
  { username, users, apiKeyId, adminSecret, managerSecret }: InitOptions,
): boolean {
  const pins: Pins = { username, usernames: users, apiKeyId };
  const helper = needsManager ? adminSecret : managerSecret;
  return helper !== undefined || pinProblems(pins, false).some(({ key }) => pins[key] !== undefined);
}

function requireSameTarget(
  { current, secret, knownUsers }: Examination,
  { usernames, asked, strategy }: InitTarget,
): void {
  if (current === undefined) {
    return;
  }
  const { credentials } = current;
  const [held, wanted] = [formOf(credentials), formOf(STRATEGIES[strategy])];
  if (held !== wanted) {
    refuse(
      'other-user',
      `AWSCURRENT of ${secret.name} holds ${held.noun}, and you ask for ${wanted.noun}.`,
      'Name another secret, or leave out the options of the other strategy.',
    );
  }
  const [username = ''] = usernames;
  if (!mayReplace({ ...credentials, username }, credentials)) {
    const named = knownUsers.has(credentials.username) ? credentials.username : 'another user';
    refuse(
      'other-user',
      `AWSCURRENT of ${secret.name} is for ${named}, and you ask for ${usernames.join(' and ')}.`,
      'Ask for the user in AWSCURRENT, or name another secret.',
    );
  }
  if (asked !== undefined && asked.url !== credentials.endpoint.url) {
    refuse(
      'other-endpoint',
      `AWSCURRENT of ${secret.name} is for ${credentials.endpoint.url}, and you ask for ${asked.url}.`,
      'Leave out --endpoint and CLUSTER_ENDPOINT, or name another secret.',
    );
  }
}

/** A single user may get a second one: the configuration is deployed after the command. */
function requireConfiguredUsers({ strategy, secret }: Examination, { usernames }: InitTarget): void {
  const configured = usersOf(strategy.pins);
  if (!configured.every((user) => usernames.includes(user))) {
    refuse(
      'other-users-configured',
      `The configuration names ${configured.join(' and ')} for ${secret.name}, and you ask for ${usernames.join(' and ')}.`,
      'Ask for the configured users, or first correct the entry in the configuration and deploy it.',
    );
  }
}

/** Only the control plane knows whether a rotation can create another key like the given one. */
function requireManager({ strategy, manager }: InitTarget): void {
  if (STRATEGIES[strategy].needsManager && manager.managerSecretArn === undefined) {
    refuse(
      'manager-needed',
      'Only the control plane knows whether a rotation can replace an API key, and only the manager key may ask. No option and no known function of the secret names the manager secret.',
      'Store the manager key in a secret of its own, and give --manager-secret SECRET.',
    );
  }
}
