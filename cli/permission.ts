/** An action that a subcommand calls, for docs/cli.md. */
export interface Permission {
  /** As in a policy, such as `secretsmanager:DescribeSecret`. */
  readonly action: string;
  readonly resource: PermissionResource;
  /** When the subcommand needs the action. `undefined`: always. */
  readonly when?: string;
}

export type PermissionResource =
  | 'the secret'
  | 'other secrets'
  | "the admin's secret"
  | 'the function'
  | 'the log group'
  | 'any (`*`)';

const SAME_USER = 'optional: finds other secrets with the same user';

/** The actions that find other secrets with the same user. */
export const SAME_USER_PERMISSIONS: readonly Permission[] = [
  { action: 'secretsmanager:ListSecrets', resource: 'any (`*`)', when: SAME_USER },
  { action: 'secretsmanager:GetSecretValue', resource: 'other secrets', when: SAME_USER },
];

/** The actions of a subcommand that examines a secret with `examineSecret`. */
export const EXAMINE_PERMISSIONS: readonly Permission[] = [
  { action: 'secretsmanager:DescribeSecret', resource: 'the secret' },
  { action: 'secretsmanager:GetSecretValue', resource: 'the secret' },
  {
    action: 'secretsmanager:ListSecretVersionIds',
    resource: 'the secret',
    when: 'optional: finds versions without a label',
  },
  {
    action: 'lambda:GetFunctionConfiguration',
    resource: 'the function',
    when: 'optional: finds the users that take turns, and the minimum gap',
  },
  {
    action: 'lambda:GetPolicy',
    resource: 'the function',
    when: 'optional: finds out whether Secrets Manager may invoke it',
  },
  ...SAME_USER_PERMISSIONS,
];

/** The actions of a subcommand that reads the secret of `--admin-secret`. */
export const ADMIN_PERMISSIONS: readonly Permission[] = [
  { action: 'secretsmanager:DescribeSecret', resource: "the admin's secret", when: 'with `--admin-secret`' },
  { action: 'secretsmanager:GetSecretValue', resource: "the admin's secret", when: 'with `--admin-secret`' },
];

/** To find the log group of a function. */
export const LOG_GROUP_PERMISSION: Permission = {
  action: 'lambda:GetFunctionConfiguration',
  resource: 'the function',
  when: 'optional: finds a log group whose name is not the default',
};

/** Shows whether a function is of this product, and which log group it has. */
export const FUNCTION_PERMISSION: Permission = {
  action: 'lambda:GetFunctionConfiguration',
  resource: 'the function',
  when: 'without names and `--rotated-by`; otherwise optional: finds a log group whose name is not the default',
};

/** The actions of a subcommand that reads past rotations. */
export const HISTORY_PERMISSIONS: readonly Permission[] = [
  { action: 'secretsmanager:DescribeSecret', resource: 'the secret' },
  {
    action: 'secretsmanager:ListSecretVersionIds',
    resource: 'the secret',
    when: 'optional: finds rotations that only a stored version still shows',
  },
  {
    action: 'logs:FilterLogEvents',
    resource: 'the log group',
    when: 'optional: tells steps, codes, times and results',
  },
  { action: 'cloudtrail:LookupEvents', resource: 'any (`*`)', when: 'optional: tells who started a rotation' },
];

/** To find out the cluster of a secret, in a subcommand that otherwise reads no value. */
export const ENDPOINT_CONDITION_PERMISSION: Permission = {
  action: 'secretsmanager:GetSecretValue',
  resource: 'the secret',
  when: 'with `--endpoint`: for a secret whose cluster neither a tag nor the configuration of its function names',
};

/** The actions of a subcommand that selects secrets by conditions. */
export const SELECT_PERMISSIONS: readonly Permission[] = [
  { action: 'secretsmanager:ListSecrets', resource: 'any (`*`)', when: 'only to search' },
];
