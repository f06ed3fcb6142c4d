import { DEFAULT_MINIMUM_GAP_MINUTES } from '../../protocol/rotation/function-config.ts';
import { definitionOf } from '../../protocol/rotation/strategies/strategies.ts';
import { type Path, type Problem, problemIf } from '../rules/problem.ts';
import { DEFAULT_SCHEDULE, scheduleProblem } from '../rules/schedule-rules.ts';
import { canBeSpread, openedLater } from '../rules/spread.ts';
import { gapProblem } from '../rules/strategy-rules.ts';
import type { Configuration } from './configuration.ts';
import { configuredName, kindOf, type RotationConfiguration, type SecretConfiguration } from './secret-keys.ts';

const UNKNOWN_KEY =
  'With stacks, the function must know the key before the secret exists. Add the key to function.secretKmsKeyArns.';

const NO_MANAGER =
  'Only the manager key creates and deletes API keys. Store it in a secret of its own, and write the ARN of that secret as function.managerSecretArn.';

/** What an entry contradicts in itself, in `defaults` and in `function`. */
export function secretProblems(file: Configuration, secret: SecretConfiguration, entry: Path): Problem[] {
  const { secretNamePrefix = '' } = file.function;
  return [
    // The role allows only secrets with the prefix. Every step of another secret would be denied.
    ...problemIf(
      !configuredName(secret).startsWith(secretNamePrefix),
      [...entry, kindOf(secret)],
      `The function may rotate only secrets whose name starts with ${secretNamePrefix} (function.secretNamePrefix).`,
    ),
    ...windowProblems(file, secret, entry),
    ...strategyProblems(file, secret, entry),
    ...(file.stacks === undefined ? [] : unknownKey(file, secret, entry)),
  ];
}

/** Schedule, window and spread depend on each other. Each may be in the entry or the defaults. */
function windowProblems(file: Configuration, secret: SecretConfiguration, entry: Path): Problem[] {
  const { schedule = DEFAULT_SCHEDULE, duration, spreadHours } = { ...file.defaults, ...secret };
  if (spreadHours === undefined) {
    const problem = scheduleProblem(schedule, duration);
    return problem ? [{ path: pathOf(file, secret, entry, problem.key), rule: problem.rule }] : [];
  }
  const path = pathOf(file, secret, entry, 'spreadHours');
  if (!canBeSpread(schedule)) {
    const rule = `Write a cron schedule with one hour, such as cron(0 3 ? * SUN *). The schedule ${schedule} cannot be spread.`;
    return [{ path, rule }];
  }
  return problemIf(
    scheduleProblem(openedLater(schedule, spreadHours - 1), duration) !== undefined,
    path,
    'The last window would end after the UTC day. Choose an earlier hour, fewer hours or a shorter duration.',
  );
}

/** The users of the secret, and whether its schedule leaves them enough time. */
function strategyProblems(file: Configuration, secret: SecretConfiguration, entry: Path): Problem[] {
  const { function: fn, defaults } = file;
  const { name: strategy, needsManager, pinProblems } = definitionOf(secret, fn.strategy);
  const { schedule: expression, duration } = { ...defaults, ...secret };
  const tooSoon = gapProblem(strategy, { expression, duration }, fn.minimumGapMinutes ?? DEFAULT_MINIMUM_GAP_MINUTES);
  return [
    ...pinProblems(secret, 'create' in secret).map(({ key, rule }) => ({
      path: [...entry, key],
      rule,
    })),
    ...problemIf(needsManager && fn.managerSecretArn === undefined, [...entry, 'apiKeyId'], NO_MANAGER),
    ...(tooSoon === undefined ? [] : [{ path: pathOf(file, secret, entry, 'schedule'), rule: tooSoon }]),
  ];
}

/** The key of a secret of another stack, which would change the role of the function. */
function unknownKey(file: Configuration, secret: SecretConfiguration, entry: Path): Problem[] {
  const known = [file.defaults.kmsKeyArn, ...(file.function.secretKmsKeyArns ?? [])];
  const { kmsKeyArn } = secret;
  return problemIf(kmsKeyArn !== undefined && !known.includes(kmsKeyArn), [...entry, 'kmsKeyArn'], UNKNOWN_KEY);
}

/** The path of the key: in `defaults` if the value comes from `defaults`, else in the entry. */
function pathOf(file: Configuration, secret: SecretConfiguration, entry: Path, key: keyof RotationConfiguration): Path {
  return secret[key] === undefined && file.defaults[key] !== undefined ? ['defaults', key] : [...entry, key];
}
