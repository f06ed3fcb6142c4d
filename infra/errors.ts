import type { IConstruct } from 'constructs';

/** The props of a construct are invalid: AWS would refuse them, or rotations would fail. Thrown at synth. */
export class RotationPropsError extends Error {
  override readonly name = 'RotationPropsError' as const;

  constructor(scope: IConstruct | undefined, sentence: string) {
    super(scope ? `${scope.node.path}: ${sentence}` : sentence);
  }
}
