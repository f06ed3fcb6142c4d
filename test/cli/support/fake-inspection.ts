import type { AwsErrorKind } from '../../../cli/aws/aws-error.ts';
import type { InspectedAlarm, InspectedFunction, Inspection, PolicyStatement } from '../../../cli/aws/inspection.ts';
import { awsErrorOf } from '../../support/aws-errors.ts';

/** An account in memory whose state a test changes. At first everything is in order. */
export interface FakeInspection extends Inspection {
  readonly account: {
    /** `undefined`: the function was deleted. */
    rotationFunction: Omit<InspectedFunction, 'environment'> | undefined;
    policy: readonly PolicyStatement[];
    /** Actions that the policies do not allow. */
    readonly denied: Set<string>;
    keyState: string | undefined;
    alarms: readonly InspectedAlarm[];
    subscriptions: { confirmed: number; pending: number };
  };
}

/** The version of the command, and of the function at first. */
export const COMMAND_VERSION = '1.2.3';

const ACCOUNT = '000000000000';
const TOPIC = `arn:aws:sns:us-east-1:${ACCOUNT}:alarms`;

/** @param failing errors by API action */
export function createFakeInspection(failing: ReadonlyMap<string, AwsErrorKind>): FakeInspection {
  const account: FakeInspection['account'] = {
    rotationFunction: {
      state: 'Active',
      stateReason: undefined,
      lastUpdate: 'Successful',
      runtime: 'nodejs24.x',
      version: `${COMMAND_VERSION}+ab12cd34ef56`,
      roleArn: `arn:aws:iam::${ACCOUNT}:role/rotation`,
      lastModified: '2026-01-01T00:00:00.000+0000',
      subnetIds: [],
      logGroup: undefined,
    },
    policy: [
      {
        Effect: 'Allow',
        Principal: { Service: 'secretsmanager.amazonaws.com' },
        Action: 'lambda:InvokeFunction',
        Condition: { StringEquals: { 'AWS:SourceAccount': ACCOUNT } },
      },
    ],
    denied: new Set(),
    keyState: 'Enabled',
    alarms: [{ name: 'errors', state: 'OK', actionsEnabled: true, actions: [TOPIC], reportsMissingData: false }],
    subscriptions: { confirmed: 1, pending: 0 },
  };
  const answer = <T>(action: string, value: T): Promise<T> => {
    const kind = failing.get(action);
    return kind === undefined ? Promise.resolve(value) : Promise.reject(awsErrorOf(kind, action));
  };
  return {
    account,
    callerIdentity: () =>
      answer('GetCallerIdentity', {
        arn: `arn:aws:sts::${ACCOUNT}:assumed-role/operator/me`,
        account: ACCOUNT,
        region: 'us-east-1',
      }),
    functionPolicy: () => answer('GetPolicy', account.policy),
    simulate: (_caller, actions) =>
      answer(
        'SimulatePrincipalPolicy',
        new Map(actions.map((action) => [action, account.denied.has(action) ? 'denied' : 'allowed'])),
      ),
    key: (keyId) =>
      answer('DescribeKey', account.keyState === undefined ? undefined : { arn: keyId, state: account.keyState }),
    alarmsOf: () => answer('DescribeAlarms', account.alarms),
    subscriptions: () => answer('ListSubscriptionsByTopic', account.subscriptions),
  };
}
