import { Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type * as z from 'zod';
import { type Path, sentenceOf, valueAt } from './problem.ts';

/** Invalid props of a construct. AWS would refuse them, or rotations would fail. */
export class RotationPropsError extends Error {
  override readonly name = 'RotationPropsError' as const;

  constructor(scope: IConstruct | undefined, sentence: string) {
    // The path of an app is empty.
    super(scope?.node.path ? `${scope.node.path}: ${sentence}` : sentence);
  }
}

/**
 * The props whose values have rules that their types do not express.
 *
 * @internal
 */
export type PropFields = Readonly<Record<string, z.ZodType>>;

/**
 * Applies the rules of the configuration file to the props of a construct. Skips absent props and
 * values that are known only at deployment.
 *
 * @throws RotationPropsError that names the prop, its value and what is allowed.
 * @internal
 */
export function checkProps(scope: IConstruct, props: object, fields: PropFields): void {
  for (const [name, field] of Object.entries(fields)) {
    const value = valueAt(props, [name]);
    const issues = value === undefined || Token.isUnresolved(value) ? [] : field.safeParse(value).error?.issues;
    const issue = issues?.find(({ path }) => !Token.isUnresolved(valueAt(value, path)));
    if (issue) {
      refuseProp(scope, [name, ...issue.path], valueAt(value, issue.path), issue.message);
    }
  }
}

/** @param value Shown in the message. `undefined` if it is absent, or if it may be a secret. */
export function refuseProp(scope: IConstruct, path: Path, value: unknown, rule: string): never {
  throw new RotationPropsError(scope, sentenceOf(path, value, rule));
}
