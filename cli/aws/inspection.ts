/**
 * What `doctor` reads about the account around a secret. Port: what AWS answers is a value, and
 * `undefined` means that the thing does not exist. If AWS refuses the caller or gives no answer,
 * that is an exception, of class AwsError.
 */
export interface Inspection {
  callerIdentity(): Promise<{ readonly arn: string; readonly account: string; readonly region: string }>;
  /** The statements of the function's resource policy. Empty without a policy. */
  functionPolicy(functionArn: string): Promise<readonly PolicyStatement[]>;
  /**
   * Which actions the policies of a role allow on a resource.
   *
   * @param caller the ARN of a role, or of a session of a role
   * @param context the keys that conditions of a policy compare, with their values
   */
  simulate(
    caller: string,
    actions: readonly string[],
    resource: string,
    context?: Readonly<Record<string, string>>,
  ): Promise<ReadonlyMap<string, 'allowed' | 'denied'>>;
  /** `state`: `Enabled`, `Disabled`, `PendingDeletion`, … */
  key(keyId: string): Promise<{ readonly arn: string; readonly state: string } | undefined>;
  /** The alarms of the function, and those of the check for its overdue rotations. */
  alarmsOf(functionName: string): Promise<readonly InspectedAlarm[]>;
  subscriptions(topicArn: string): Promise<{ readonly confirmed: number; readonly pending: number }>;
}

export interface InspectedFunction {
  /** `Active`, `Pending`, `Inactive` or `Failed`. */
  readonly state: string;
  readonly stateReason: string | undefined;
  /** `Successful`, `InProgress` or `Failed`. */
  readonly lastUpdate: string;
  readonly runtime: string | undefined;
  /** The version of this product. `undefined` before 0.2.0, and for a function of another tool. */
  readonly version: string | undefined;
  readonly roleArn: string;
  readonly lastModified: string;
  /** Empty if the function is not in a VPC. */
  readonly subnetIds: readonly string[];
  /** `undefined`: Lambda's default log group. */
  readonly logGroup: string | undefined;
  /** The environment variables. @throws AwsError if AWS does not decrypt them */
  environment(): Readonly<Record<string, string>>;
}

export interface PolicyStatement {
  readonly Effect?: string;
  readonly Principal?: unknown;
  readonly Action?: unknown;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

export interface InspectedAlarm {
  readonly name: string;
  /** `OK`, `ALARM` or `INSUFFICIENT_DATA`. */
  readonly state: string;
  readonly actionsEnabled: boolean;
  /** ARNs. */
  readonly actions: readonly string[];
  readonly reportsMissingData: boolean;
}
