/**
 * How a rotation replaces a credential, in AWS's words.
 *
 * `single-user`: the user in AWSCURRENT changes its own password, which ends the old password.
 *
 * `alternating-users`: two users take turns. A rotation changes the password of the user that is
 * not in AWSCURRENT, so the credential in AWSCURRENT stays valid until the next rotation.
 *
 * @see https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotation-strategy.html
 */
export const STRATEGY_NAMES = ['single-user', 'alternating-users'] as const;

export type StrategyName = (typeof STRATEGY_NAMES)[number];

/**
 * The environment variable of the rotation function with the minutes between two rotations of a
 * secret whose users take turns.
 */
export const MINIMUM_GAP_MINUTES = 'MINIMUM_GAP_MINUTES';

export const DEFAULT_MINIMUM_GAP_MINUTES = 120;
