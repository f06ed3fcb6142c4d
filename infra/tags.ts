import { Tags } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { CheckedProps } from './rules/checked-props.ts';
import { TAG_KEY } from './rules/shared-fields.ts';

/**
 * Adds the tags to everything below the construct.
 *
 * @throws RotationPropsError for a key that AWS refuses.
 */
export function addTags(scope: IConstruct, tags: Readonly<Record<string, string>> = {}): void {
  for (const [key, value] of Object.entries(tags)) {
    new CheckedProps(scope).prop('tags', key, TAG_KEY);
    Tags.of(scope).add(key, value);
  }
}
