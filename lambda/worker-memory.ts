import type { RotationRequest, Step } from '../protocol/rotation/rotation-request.ts';
import type { SecretDescription, SecretStore } from '../protocol/secret/secret-store.ts';

/** Milliseconds after the end of a step. Secrets Manager calls the next step within seconds. */
export const REMEMBERED_FOR_MS = 60_000;

/**
 * The steps that use the labels of the step before them. The cluster has the new password then, so
 * the rotation must end whatever a person does to AWSPENDING, and the move of AWSCURRENT is a
 * compare-and-swap.
 */
const LABELS_OF: Partial<Record<Step, Step>> = { testSecret: 'setSecret', finishSecret: 'testSecret' };

interface Memory {
  /** The step that ended last. */
  readonly last: RotationRequest;
  /** Milliseconds since the epoch. */
  readonly endedAt: number;
  /** By version. */
  readonly values: Map<string, string>;
  /** The description of the secret that the last step used. */
  readonly description: SecretDescription;
}

/**
 * What one worker remembers from one step of a rotation to the next step: the values of versions,
 * which never change, and from setSecret on the description of the secret.
 * docs/decisions/protocol.md#calls-of-a-rotation gives the reasons.
 *
 * A step takes the memory with it, and returns the memory only if the step succeeds and another
 * step may follow. So a failed step leaves nothing behind, and concurrent steps share nothing.
 */
export class WorkerMemory {
  #memory: Memory | undefined;
  readonly #now: () => number;

  /**
   * @param now milliseconds since the epoch. The clock must not stop while Lambda freezes the
   * worker.
   */
  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** Runs one step with a store that answers from the memory where it can. */
  async duringStep<T>(
    request: RotationRequest,
    store: SecretStore,
    run: (store: SecretStore) => Promise<T>,
  ): Promise<T> {
    const memory = this.#take(request);
    const values = memory?.values ?? new Map<string, string>();
    let remembered = memory?.last.step === LABELS_OF[request.step] ? memory?.description : undefined;
    let description: SecretDescription | undefined;
    const result = await run({
      describe: async () => {
        description = remembered ?? (await store.describe());
        // A step that asks again wants to know what has changed.
        remembered = undefined;
        return description;
      },
      read: async (versionId) => {
        const value = values.get(versionId) ?? (await store.read(versionId));
        if (value !== undefined) {
          values.set(versionId, value);
        }
        return value;
      },
      put: async (version) => {
        const outcome = await store.put(version);
        if (outcome === 'stored') {
          values.set(version.versionId, version.value);
        }
        return outcome;
      },
      list: () => store.list(),
      promote: (move) => store.promote(move),
      addLabel: (label) => store.addLabel(label),
      removeLabel: (label) => store.removeLabel(label),
    });
    // A name or a partial ARN may stand for another secret in the next step.
    if (request.step !== 'finishSecret' && description?.arn === request.secretId) {
      this.#memory = { last: request, endedAt: this.#now(), values, description };
    }
    return result;
  }

  /** @returns undefined unless the memory is of the same rotation and recent. */
  #take({ step, secretId, token }: RotationRequest): Memory | undefined {
    const memory = this.#memory;
    this.#memory = undefined;
    // A new attempt of a rotation begins with createSecret, and reads everything again.
    if (memory === undefined || step === 'createSecret') {
      return undefined;
    }
    const isSame = memory.last.secretId === secretId && memory.last.token === token;
    const age = this.#now() - memory.endedAt;
    return isSame && age >= 0 && age <= REMEMBERED_FOR_MS ? memory : undefined;
  }
}
