/**
 * CloudWatch metrics of the rotation function and of the overdue check. Every metric also has the
 * dimension `service`.
 */
export const METRIC_NAMESPACE = 'ZillizSecretRotation';

export const METRIC = {
  /** Count, by {@link DIMENSION}.step. */
  stepSucceeded: 'StepSucceeded',
  /** Count, by {@link DIMENSION}.step. */
  stepFailed: 'StepFailed',
  /** Milliseconds, by {@link DIMENSION}.step. */
  stepDuration: 'StepDuration',
  /** Count, by {@link DIMENSION}.code. */
  failureByCode: 'FailureByCode',
  /** Count of rotations whose two users have different roles. */
  rolesDiffer: 'RolesDiffer',
  /** Count, from the overdue check. */
  overdueSecrets: 'OverdueSecrets',
} as const;

export const DIMENSION = { step: 'step', code: 'code' } as const;
