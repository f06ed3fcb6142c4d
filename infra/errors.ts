import type { IConstruct } from 'constructs';

/** Invalid props of a construct. AWS would refuse them, or rotations would fail. */
export class RotationPropsError extends Error {
  override readonly name = 'RotationPropsError' as const;

  constructor(scope: IConstruct | undefined, sentence: string) {
    // The path of an app is empty. In JavaScript, the scope may be anything.
    const path = scope?.node?.path;
    super(path ? `${path}: ${sentence}` : sentence);
  }
}
