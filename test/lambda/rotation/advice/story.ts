import type { Step } from '../../../../secret/rotation-step.ts';
import type { FailureCode } from '../../../../telemetry/failures.ts';
import type { RotationWorld } from '../../../support/rotation-world.ts';

export interface Story {
  /** Lets the rotation `t1` fail. @returns its failure */
  readonly fail: (world: RotationWorld) => Promise<unknown>;
  /** What a person does, by the advice of the code. */
  readonly follow: (world: RotationWorld) => void | Promise<void>;
  /** Then this rotation succeeds. `t1`: a retry of Secrets Manager. */
  readonly next: string;
}

/** How failures come about, and what the person does who follows their advice. */
export type Stories = Readonly<Partial<Record<FailureCode, Story>>>;

/** Lets a rotation fail at its first step that cannot continue. */
export const attempt = (world: RotationWorld): Promise<unknown> => world.attempt('t1');

/** The next attempt needs no action of a person. */
export const wait = (): void => undefined;

export function failureOf(world: RotationWorld, step: Step, token = 't1'): Promise<unknown> {
  return world.step(step, token).catch((error: unknown) => error);
}

export function failsIn(step: Step, happen: (world: RotationWorld) => void | Promise<void>): Story['fail'] {
  return async (world) => {
    await world.runBefore(step);
    await happen(world);
    return await failureOf(world, step);
  };
}
