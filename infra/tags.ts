import { Tags } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { CheckedProps } from './rules/checked-props.ts';
import { TAG_KEY } from './rules/shared-fields.ts';

/** Tags of everything below the construct. @throws RotationPropsError for a key that AWS does not take. */
export function addTags(scope: IConstruct, tags: Readonly<Record<string, string>> = {}): void {
  for (const [key, value] of Object.entries(tags)) {
    new CheckedProps(scope).prop('tags', key, TAG_KEY);
    Tags.of(scope).add(key, value);
  }
}
