import type { IConstruct } from 'constructs';

/** A construct was given props that AWS would refuse, or that would do what nobody wants. Thrown at synth. */
export class RotationPropsError extends Error {
  override readonly name = 'RotationPropsError' as const;

  constructor(scope: IConstruct | undefined, sentence: string) {
    super(scope ? `${scope.node.path}: ${sentence}` : sentence);
  }
}
