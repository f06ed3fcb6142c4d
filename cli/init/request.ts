import type { StrategyName } from '../../protocol/secret/rotation-strategy.ts';
import type { Usernames } from '../examine/read-strategy.ts';

/** What the operator asks for. */
export interface InitRequest {
  /** Name or ARN. */
  readonly secretId: string;
  readonly strategy: StrategyName;
  /** `undefined`: the user that the secret names. Only for a single user. */
  readonly username: string | undefined;
  /** The two users that take turns. */
  readonly usernames: Usernames | undefined;
  /** `undefined`: the endpoint that the secret names. */
  readonly endpoint: string | undefined;
  readonly adminSecret: string | undefined;
  /** The customer managed key of a new secret. */
  readonly kmsKeyArn: string | undefined;
  /** The roles of users that the command creates. */
  readonly roles: readonly string[];
}
