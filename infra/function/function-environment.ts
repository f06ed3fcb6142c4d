import { Fn, Token } from 'aws-cdk-lib';
import { FUNCTION_SETTINGS } from '../../protocol/rotation/function-settings.ts';
import type { Setting } from '../../protocol/rotation/setting.ts';

/** The variables that the construct sets. */
export const OWN_VARIABLES: readonly string[] = Object.values(FUNCTION_SETTINGS).map(({ variable }) => variable);

/**
 * The environment that `protocol/rotation/function-config.ts` reads. An absent setting and a flag
 * that is off have no variable.
 *
 * @internal
 */
export function functionEnvironment(
  values: Readonly<Partial<Record<keyof typeof FUNCTION_SETTINGS, unknown>>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries<Setting>(FUNCTION_SETTINGS).flatMap(([name, { variable }]) => {
      const value = values[name as keyof typeof FUNCTION_SETTINGS] ?? false;
      return value === false ? [] : [[variable, textOf(value)]];
    }),
  );
}

/** The items of a list that only the deployment knows are joined there. */
function textOf(value: unknown): string {
  return Array.isArray(value) && Token.isUnresolved(value) ? Fn.join(',', value as string[]) : String(value);
}
