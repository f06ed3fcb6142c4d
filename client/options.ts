import type { CredentialEvent } from './credential-events.ts';
import type { CredentialSource, SecretsManagerLike } from './credential-source.ts';

/** Where the credential comes from, and when it is read again. Give `secretId` or `source`. */
export interface RotatingCredentialsOptions {
  /** Name or ARN of the secret in Secrets Manager. */
  readonly secretId?: string;
  /** @default a client with the region and the credentials of the environment */
  readonly secretsManager?: SecretsManagerLike;
  /** @default the secret with the name `secretId` */
  readonly source?: CredentialSource;
  /**
   * Milliseconds between two rounds after a refusal, at least. The pauses grow with the
   * interruption, up to eight times as much. Up to half as much is added at random, so that the
   * instances of an application do not act together.
   *
   * @default 250
   */
  readonly minimumIntervalMs?: number;
  /**
   * Milliseconds from the first refusal for which refused calls wait for a version that the
   * cluster accepts. The deadline of a call may end its wait earlier.
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
  /**
   * Called for each event. Its errors and rejections become warnings of the process. @default none
   */
  readonly onEvent?: (event: CredentialEvent) => unknown;
}

/** When credentials are read again. */
export type Timing = Required<
  Pick<RotatingCredentialsOptions, 'minimumIntervalMs' | 'budgetMs' | 'backgroundIntervalMs'>
>;

/** Fills in the defaults. */
export function timingOf(options: RotatingCredentialsOptions): Timing {
  const { minimumIntervalMs = 250, budgetMs = 10_000, backgroundIntervalMs = 30 * 60_000 } = options;
  const timing = { minimumIntervalMs, budgetMs, backgroundIntervalMs };
  for (const [name, value] of Object.entries(timing)) {
    if (!(value > 0 && value < 2 ** 31)) {
      throw new RangeError(`${name} is ${value}. Expected milliseconds between 1 and 2147483647.`);
    }
  }
  return timing;
}
