import type { Cluster } from '../../../../protocol/cluster/cluster.ts';
import type { FailureCode } from '../../../../protocol/rotation/failures.ts';
import type { Step } from '../../../../protocol/rotation/rotation-request.ts';
import type { SecretStore } from '../../../../protocol/secret/secret-store.ts';
import type { RotationWorld } from '../../../support/rotation-world.ts';

export interface Story {
  /** Lets the rotation `t1` fail. @returns its failure */
  readonly fail: (world: RotationWorld) => Promise<unknown>;
  /** What a person does, by the advice of the code. */
  readonly follow: (world: RotationWorld) => unknown;
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

export function failsIn(step: Step, happen: (world: RotationWorld) => unknown): Story['fail'] {
  return async (world) => {
    await world.runBefore(step);
    await happen(world);
    return await failureOf(world, step);
  };
}

/** The rotation fails while something is wrong, and its retry succeeds when it is right again. */
export function during(set: (world: RotationWorld, isWrong: boolean) => unknown, fail: Story['fail'] = attempt): Story {
  return {
    fail: (world) => {
      set(world, true);
      return fail(world);
    },
    follow: (world) => set(world, false),
    next: 't1',
  };
}

/** The secret or the cluster has other methods for some time. */
export function withMethods(part: 'secret' | 'cluster', methods: Partial<SecretStore & Cluster>): Story {
  return during((world, isWrong) => {
    if (isWrong) {
      Object.assign(world[part], methods);
    } else {
      for (const name of Object.keys(methods)) {
        Reflect.deleteProperty(world[part], name);
      }
    }
  });
}
