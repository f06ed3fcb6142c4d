import { FUNCTION_SETTINGS } from '../../protocol/rotation/function-settings.ts';
import { strategyOf } from '../../protocol/rotation/strategies/strategies.ts';
import { type Path, type Problem, problemAt } from '../rules/problem.ts';
import { DEFAULT_SCHEDULE, openedLater, scheduleProblem } from '../rules/schedule-rules.ts';
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
    ...problemAt(
      [...entry, kindOf(secret)],
      !configuredName(secret).startsWith(secretNamePrefix) &&
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
    const { key = 'schedule', rule } = scheduleProblem(schedule, duration) ?? {};
    return problemAt(pathOf(file, secret, entry, key), rule);
  }
  const path = pathOf(file, secret, entry, 'spreadHours');
  const last = openedLater(schedule, spreadHours - 1);
  if (last === undefined) {
    const rule = `Write a cron schedule with one hour, such as cron(0 3 ? * SUN *). The schedule ${schedule} cannot be spread.`;
    return [{ path, rule }];
  }
  return problemAt(
    path,
    scheduleProblem(last, duration) !== undefined &&
      'The last window would end after the UTC day. Choose an earlier hour, fewer hours or a shorter duration.',
  );
}

/** The users of the secret, and whether its schedule leaves them enough time. */
function strategyProblems(file: Configuration, secret: SecretConfiguration, entry: Path): Problem[] {
  const { function: fn, defaults } = file;
  const { name: strategy, needsManager, pinProblems } = strategyOf(secret, fn.strategy);
  const { schedule: expression, duration } = { ...defaults, ...secret };
  const { minimumGapMinutes = FUNCTION_SETTINGS.minimumGapMinutes.default } = fn;
  const tooSoon = gapProblem(strategy, { expression, duration }, minimumGapMinutes);
  return [
    ...pinProblems(secret, 'create' in secret).map(({ key, rule }) => ({
      path: [...entry, key],
      rule,
    })),
    ...problemAt([...entry, 'apiKeyId'], needsManager && fn.managerSecretArn === undefined && NO_MANAGER),
    ...problemAt(pathOf(file, secret, entry, 'schedule'), tooSoon),
  ];
}

/** The key of a secret of another stack, which would change the role of the function. */
function unknownKey(file: Configuration, secret: SecretConfiguration, entry: Path): Problem[] {
  const known = [file.defaults.kmsKeyArn, ...(file.function.secretKmsKeyArns ?? [])];
  const { kmsKeyArn } = secret;
  return problemAt([...entry, 'kmsKeyArn'], kmsKeyArn !== undefined && !known.includes(kmsKeyArn) && UNKNOWN_KEY);
}

/** The path of the key: in `defaults` if the value comes from `defaults`, else in the entry. */
function pathOf(file: Configuration, secret: SecretConfiguration, entry: Path, key: keyof RotationConfiguration): Path {
  return secret[key] === undefined && file.defaults[key] !== undefined ? ['defaults', key] : [...entry, key];
}
