import { CloudFormation } from '@aws-sdk/client-cloudformation';
import { CloudWatch } from '@aws-sdk/client-cloudwatch';
import { EventBridge } from '@aws-sdk/client-eventbridge';
import { SNS } from '@aws-sdk/client-sns';
import { KEY_SECRET, type LeastPrivilegeWorld, SECRET } from './least-privilege-world.ts';
import type { Call } from './probe-function.ts';
import { bringInto, type RotationResult, resultIn, rotate } from './secret-states.ts';

/** Replaces an API key, with the manager secret. */
export async function rotateKey(world: LeastPrivilegeWorld): Promise<RotationResult> {
  await world.secret(KEY_SECRET).removePendingByHand();
  return resultIn(await rotate(world, KEY_SECRET));
}

/**
 * Changes the secrets that the function only reads, with other code, and while their policies allow
 * the role to.
 */
export async function changeReadOnlySecrets(world: LeastPrivilegeWorld): Promise<readonly string[]> {
  const calls = await Promise.all(['admin', 'manager'].map((SecretId) => changesOf(world, SecretId)));
  return (await world.callAsFunction(calls.flat())).map((answer) => {
    if (answer.includes('Access to KMS is not allowed')) return 'denied by the key';
    return answer.includes('AccessDenied') ? 'denied' : answer;
  });
}

async function changesOf(world: LeastPrivilegeWorld, SecretId: string): Promise<readonly Call[]> {
  const { VersionIdsToStages = {} } = await world.secretsManager.describeSecret({ SecretId });
  const [MoveToVersionId] = Object.keys(VersionIdsToStages);
  await world.allowRole(SecretId, ['secretsmanager:PutSecretValue', 'secretsmanager:UpdateSecretVersionStage']);
  const label = { SecretId, VersionStage: 'MOVED', MoveToVersionId };
  return [
    { service: 'secretsManager', action: 'putSecretValue', input: { SecretId, SecretString: 'x' } },
    { service: 'secretsManager', action: 'updateSecretVersionStage', input: label },
  ];
}

/** What `zilliz-rotation rotate` asks of AWS, with the role of a pipeline. */
export async function rotateAsPipeline(world: LeastPrivilegeWorld): Promise<Record<string, string>> {
  await bringInto(world, 'current');
  const pipeline = await world.asPipeline();
  const results = {
    describe: await refusalOf(pipeline.describeSecret({ SecretId: SECRET })),
    read: await refusalOf(pipeline.getSecretValue({ SecretId: SECRET })),
    rotate: await refusalOf(pipeline.rotateSecret({ SecretId: SECRET })),
  };
  await world.secret().until();
  return results;
}

/** `allowed`, `denied`, or another error. */
function refusalOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'allowed',
    ({ name, message }: Error) => (name === 'AccessDeniedException' ? 'denied' : message),
  );
}

/** Runs the check for overdue rotations. @returns its error, or that nothing is overdue */
export async function checkForOverdue({ lambda, overdueCheckArn }: LeastPrivilegeWorld): Promise<string> {
  const answer = await lambda.invoke({ FunctionName: overdueCheckArn });
  return answer.FunctionError === undefined ? 'nothing is overdue' : Buffer.from(answer.Payload ?? []).toString();
}

/** Triggers the hourly rule with an event. The ARN and the target of the rule stay. */
export async function overdueCheckByItsRule(world: LeastPrivilegeWorld): Promise<string> {
  const events = new EventBridge(world.config);
  const { StackResources = [] } = await new CloudFormation(world.config).describeStackResources({
    StackName: 'LeastPrivilege',
  });
  const rule = StackResources.find(({ LogicalResourceId }) =>
    LogicalResourceId?.startsWith('AlarmsOverdueCheckHourly'),
  );
  await events.putRule({ Name: rule?.PhysicalResourceId, EventPattern: JSON.stringify({ source: ['test.hour'] }) });
  const runs = async (): Promise<number> =>
    (await world.logOf(world.overdueCheckArn)).filter((line) => line.startsWith('REPORT')).length;
  const before = await runs();
  await events.putEvents({ Entries: [{ Source: 'test.hour', DetailType: 'passed', Detail: '{}' }] });
  // The rule, if it works, runs the check too. It does so before these invocations, so the log
  // then has one run more than there were invocations.
  for (let invocations = 1; invocations <= 30; invocations++) {
    await checkForOverdue(world);
    if ((await runs()) - before > invocations) return 'by the rule';
  }
  return 'not by the rule';
}

export async function publishWithoutTls({ config, topicArn }: LeastPrivilegeWorld): Promise<string> {
  const sns = new SNS({ ...config, maxAttempts: 1 });
  // The emulator counts every request as TLS, except with this header of a proxy.
  sns.middlewareStack.add(
    (next) => (args) => {
      // The cast is safe, because a request has headers in this step of the middleware stack.
      Object.assign((args.request as { headers: Record<string, string> }).headers, { 'x-forwarded-proto': 'http' });
      return next(args);
    },
    { step: 'finalizeRequest', priority: 'low' },
  );
  return sns.publish({ TopicArn: topicArn, Message: 'in plain text' }).then(
    () => 'published',
    (error: Error) => error.message,
  );
}

/** Sets one of the stack's alarms to ALARM. @returns the states that the subscriber receives. */
export async function raiseAlarm(
  world: LeastPrivilegeWorld,
  messages: () => Promise<readonly string[]>,
): Promise<unknown> {
  const cloudWatch = new CloudWatch(world.config);
  const { MetricAlarms = [] } = await cloudWatch.describeAlarms({});
  const AlarmName = MetricAlarms.map((alarm) => alarm.AlarmName).find((name) => name?.includes('RotationFailed'));
  await cloudWatch.setAlarmState({ AlarmName, StateValue: 'OK', StateReason: 'test' });
  await messages();
  await cloudWatch.setAlarmState({ AlarmName, StateValue: 'ALARM', StateReason: 'test' });
  return (await messages()).map((text) => (JSON.parse(text) as { NewStateValue: string }).NewStateValue);
}
