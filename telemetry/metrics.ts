/** CloudWatch metrics of the rotation function and of the overdue check. */
export const METRIC_NAMESPACE = 'ZillizSecretRotation';

/** Every metric has the dimension {@link DIMENSION}.service. */
export const METRIC = {
  /** Count, by {@link DIMENSION}.step. */
  stepSucceeded: 'StepSucceeded',
  /** Count, of all steps, and by {@link DIMENSION}.step. */
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

/** `service` is the name of the Lambda function. It separates the metrics of two functions. */
export const DIMENSION = { service: 'service', step: 'step', code: 'code' } as const;
