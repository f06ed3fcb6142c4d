import { FIRST_DEPLOYMENT } from './first-deployment.ts';
import { NONE_IN_FORCE, PLACEHOLDER } from './lost-passwords.ts';
import { BLOCKED, FUNCTION, LABELS, OFF } from './no-rotation.ts';
import { KEY_CHANGED, KEY_COMMANDS } from './page.ts';
import type { Scenario } from './scenario.ts';
import { AUDIT, HEALTHY, LEAK, MANY, ONBOARDING } from './tasks.ts';
import { DELETED, TWO_SECRETS, WRONG_VALUE } from './wrong-secrets.ts';

/** The scenarios of each test file. */
export const LOCKED_OUT: readonly Scenario[] = [WRONG_VALUE, NONE_IN_FORCE, PLACEHOLDER, TWO_SECRETS, DELETED].flat();
export const NO_ROTATION: readonly Scenario[] = [BLOCKED, OFF, LABELS, FUNCTION].flat();
export const TASKS: readonly Scenario[] = [HEALTHY, LEAK, MANY, ONBOARDING, AUDIT, FIRST_DEPLOYMENT].flat();

/** The commands of docs/operations.md that tests run, by entry. */
export const SCENARIOS: ReadonlyArray<{ readonly entry: string; readonly commands: readonly string[] }> = [
  ...[...LOCKED_OUT, ...NO_ROTATION, ...TASKS].map(({ entry, steps }) => ({
    entry,
    commands: steps.map(({ command }) => command),
  })),
  { entry: KEY_CHANGED, commands: Object.values(KEY_COMMANDS) },
];
