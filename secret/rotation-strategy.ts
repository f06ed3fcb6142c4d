/**
 * How the function replaces a password, in AWS's words. `single-user`: the cluster user of the
 * secret changes its own password, which ends the old password.
 *
 * @see https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotation-strategy.html
 */
export type RotationStrategy = 'single-user';

export function isRotationStrategy(name: string): name is RotationStrategy {
  return name === 'single-user';
}
