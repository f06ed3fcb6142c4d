import type { IConstruct } from 'constructs';

/** Invalid props of a construct. AWS would refuse them, or rotations would fail. */
export class RotationPropsError extends Error {
  override readonly name = 'RotationPropsError' as const;

  constructor(scope: IConstruct | undefined, sentence: string) {
    super(scope ? `${scope.node.path}: ${sentence}` : sentence);
  }
}
