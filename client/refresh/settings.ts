import type { CredentialEvent } from './credential-events.ts';

/** When credentials are read again. Every default suits a rotation of this product. */
export interface RefreshOptions {
  /**
   * Milliseconds between two searches for a newer version after a refusal, at least. Up to half as
   * much is added at random, so that the instances of an application do not act together.
   *
   * @default 1000
   */
  readonly minimumIntervalMs?: number;
  /**
   * Milliseconds from the first refusal for which refused requests wait for a version that the
   * cluster accepts. The deadline of a request may end its wait earlier.
   *
   * @default 10000
   */
  readonly budgetMs?: number;
  /**
   * Milliseconds between two refreshes in the background, at most. Must be shorter than the time
   * between two rotations.
   *
   * @default 1800000, half an hour
   */
  readonly backgroundIntervalMs?: number;
  /** Called for each event. Its errors become warnings of the process. @default none */
  readonly onEvent?: (event: CredentialEvent) => void;
}

/** Fills in the defaults. */
export function settingsOf(options: RefreshOptions): Required<RefreshOptions> {
  const { minimumIntervalMs = 1000, budgetMs = 10_000, backgroundIntervalMs = 30 * 60_000 } = options;
  const { onEvent = () => undefined } = options;
  for (const [name, value] of Object.entries({ minimumIntervalMs, budgetMs, backgroundIntervalMs })) {
    if (!(value > 0 && value < 2 ** 31)) {
      throw new RangeError(`${name} is ${value}. Expected milliseconds between 1 and 2147483647.`);
    }
  }
  return { minimumIntervalMs, budgetMs, backgroundIntervalMs, onEvent };
}
