import { Tags } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** Adds the tags to everything below the construct. */
export function addTags(scope: IConstruct, tags: Readonly<Record<string, string>> = {}): void {
  for (const [key, value] of Object.entries(tags)) {
    Tags.of(scope).add(key, value);
  }
}
