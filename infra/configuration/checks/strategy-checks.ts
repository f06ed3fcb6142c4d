import { DEFAULT_MINIMUM_GAP_MINUTES } from '../../../protocol/secret/rotation-strategy.ts';
import { FUNCTION_FIELDS } from '../../rules/function-settings.ts';
import { type Mistake, mistakeIf, type Path, valueAt } from '../../rules/mistake.ts';
import { gapProblem, usersProblems } from '../../rules/rotated-users.ts';
import { STRATEGY } from '../../rules/shared-fields.ts';
import { nameAt } from '../secret-name.ts';

const FUNCTION_STRATEGY = ['function', 'strategy'];

/** The users of each secret, and whether its schedule leaves them enough time. */
export function strategyMistakes(root: unknown, entries: readonly Path[]): Mistake[] {
  const hasStacks = valueAt(root, ['stacks']) !== undefined;
  return [
    ...(hasStacks
      ? [FUNCTION_STRATEGY, ...entries.map((entry) => [...entry, 'strategy'])].flatMap((path) =>
          withoutPins(root, path),
        )
      : []),
    ...entries.flatMap((entry) => mistakesOfEntry(root, entry, hasStacks)),
  ];
}

function withoutPins(root: unknown, path: Path): Mistake[] {
  const rule =
    'With stacks, the function pins no secret to its two users, because a new secret must not change the function. Write single-user, or remove stacks.';
  return mistakeIf(valueAt(root, path) === 'alternating-users', root, path, rule);
}

function mistakesOfEntry(root: unknown, entry: Path, hasStacks: boolean): Mistake[] {
  const at = (key: string): unknown => valueAt(root, [...entry, key]);
  const strategy = STRATEGY.safeParse(at('strategy') ?? valueAt(root, FUNCTION_STRATEGY) ?? 'single-user').data;
  if (strategy === undefined || nameAt(root, entry) === undefined) {
    return [];
  }
  const alternates = strategy === 'alternating-users';
  if (alternates && hasStacks) {
    return [];
  }
  const isNew = at('create') !== undefined;
  const [endpoint, username, usernames] = [at('endpoint'), at('username'), at('usernames')];
  const problems = usersProblems({ strategy, endpoint, username, usernames, isNew });
  return [
    ...problems.map(({ key, rule }): Mistake => ({ path: [...entry, key], value: at(key), rule })),
    ...(alternates ? scheduleMistakes(root, entry) : []),
  ];
}

function scheduleMistakes(root: unknown, entry: Path): Mistake[] {
  const pathOf = (key: string): Path =>
    valueAt(root, [...entry, key]) === undefined ? ['defaults', key] : [...entry, key];
  const [schedule, duration] = ['schedule', 'duration'].map((key) => valueAt(root, pathOf(key)));
  const minimum = FUNCTION_FIELDS.minimumGapMinutes.safeParse(
    valueAt(root, ['function', 'minimumGapMinutes']) ?? DEFAULT_MINIMUM_GAP_MINUTES,
  ).data;
  if (!isText(schedule) || !isText(duration) || minimum === undefined) {
    return [];
  }
  const rule = gapProblem({ schedule, duration }, minimum);
  const path = schedule === undefined ? [...entry, 'schedule'] : pathOf('schedule');
  return rule === undefined ? [] : [{ path, value: schedule, rule }];
}

function isText(value: unknown): value is string | undefined {
  return value === undefined || typeof value === 'string';
}
