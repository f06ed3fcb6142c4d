import { accountAndRegionOf, isOffOnPurpose } from '../../protocol/secret/rotated-secrets.ts';
import { AwsError } from '../aws/aws-error.ts';
import type { Inspection } from '../aws/inspection.ts';
import { allowInvocation, invokingAccounts } from '../examine/function-state.ts';
import { HOW_TO_RESTORE_FUNCTION } from '../examine/rotation-findings.ts';
import { counted } from '../terminal/text.ts';
import { type Answer, type Answers, byFunction, fail, pass, unknown, warning } from './check.ts';
import { type Check, type DoctorContext, lastFinished, ofFunction } from './context.ts';

export function checkFunction({ rotationFunction, examination, ports }: DoctorContext): Answer {
  const functionArn = examination.secret.rotationFunctionArn;
  if (functionArn === undefined) {
    return isOffOnPurpose(examination.secret)
      ? pass('The secret has no rotation function. It needs none, because its rotation is off on purpose.')
      : fail(
          'The secret has no rotation function.',
          'Add the secret to the configuration of the rotation stack, and deploy it.',
        );
  }
  if (rotationFunction === 'absent') {
    return fail(`The function ${functionArn} does not exist.`, HOW_TO_RESTORE_FUNCTION);
  }
  if (rotationFunction instanceof AwsError) {
    return unknown(rotationFunction.message, rotationFunction.advice);
  }
  const { state, stateReason = 'no reason is given', lastUpdate, runtime, version, lastModified } = rotationFunction;
  if (state === 'Failed' || lastUpdate === 'Failed') {
    return fail(
      `The function has the state ${state}, and its last update is ${lastUpdate}: ${stateReason}.`,
      'Deploy the rotation stack again.',
    );
  }
  const found = `The function exists, state ${state}, version ${version ?? 'not known'}, runtime ${runtime ?? 'of an image'}, changed ${lastModified.slice(0, 10)}.`;
  // Build metadata follows the `+`: the hash of the code.
  return version?.split('+')[0] === ports.version
    ? pass(found)
    : warning(
        `${found} This command has the version ${ports.version}.`,
        'Install the same version of the command and of the function (docs/upgrading.md#the-command-and-the-client).',
      );
}

export async function checkInvokePermission({ inspection, examination, ...context }: DoctorContext): Promise<Answer> {
  const { rotationFunctionArn: functionArn, arn } = examination.secret;
  if (functionArn === undefined || context.rotationFunction === 'absent') {
    return unknown('The permission is not known, because the function was not read.');
  }
  const { account } = accountAndRegionOf(arn);
  const accounts = invokingAccounts(await inspection.functionPolicy(functionArn));
  if (accounts.length === 0) {
    return fail('Secrets Manager may not invoke the function.', `Allow it: \`${allowInvocation(functionArn, arn)}\`.`);
  }
  if (accounts.includes(account)) {
    return pass(`Secrets Manager may invoke the function for the account ${account} only.`);
  }
  return accounts.includes(undefined)
    ? warning(
        'Secrets Manager may invoke the function for every account, because the permission names no source account.',
        'Deploy the rotation stack of this product, which names the account.',
      )
    : fail(
        `Secrets Manager may invoke the function for other accounts than ${account}.`,
        'Give the secret a function of its own account, or add the account in the stack of the function.',
      );
}

export const checkLogGroup: Check = ofFunction('The log group', async ({ logGroup: name }, { inspection }) => {
  const group = await inspection.logGroup(name);
  if (group === undefined) {
    return warning(`The log group ${name} does not exist.`, 'Deploy the rotation stack, which creates it.');
  }
  return group.retentionDays === undefined
    ? warning(
        `The log group ${name} keeps its lines for ever.`,
        `Set a retention: \`aws logs put-retention-policy --log-group-name ${name} --retention-in-days 365\`.`,
      )
    : pass(`The log group ${name} keeps its lines for ${group.retentionDays} days.`);
});

/** Only a change of the password proves that the user may change it. This command makes none. */
export function checkOwnPassword(context: DoctorContext): Answer {
  const { log, rotationFunction, examination } = context;
  const changedAt = lastFinished(context, 'setSecret');
  if (changedAt !== undefined) {
    return byFunction(pass(`The user changed its own password on ${changedAt}.`));
  }
  if (rotationFunction === 'absent') {
    return unknown('It is not known whether the function has changed the password, because the function was not read.');
  }
  return log instanceof AwsError
    ? unknown(`It is not known whether the function has changed the password. ${log.message}`, log.advice)
    : unknown(
        'No change of the password by the function is in the log. Milvus lets each user change its own password.',
        `The first rotation proves it: \`zilliz-rotation rotate ${examination.secret.name}\`.`,
      );
}

/** The network of the function is another one than the network of this command. */
export const checkFunctionNetwork: Check = ofFunction(
  'The network of the function',
  ({ subnetIds, lastModified }, context) => {
    const reachedAt = lastFinished(context, 'testSecret');
    if (reachedAt !== undefined) {
      const reason = `The function logged in to the cluster on ${reachedAt}.`;
      const rotate = `zilliz-rotation rotate ${context.examination.secret.name}`;
      return byFunction(
        Date.parse(lastModified) > Date.parse(reachedAt)
          ? unknown(
              `${reason} Its configuration has changed since then.`,
              `Rotate once to prove the path: \`${rotate}\`.`,
            )
          : pass(reason),
      );
    }
    const seen = context.log instanceof AwsError ? 'Its log was not read.' : 'No login of it is in the log.';
    return byFunction(
      subnetIds.length === 0
        ? unknown(`The function is not in a VPC, so it reaches public hosts only. ${seen}`)
        : unknown(
            `The function is in the subnets ${subnetIds.join(', ')}. ${seen}`,
            `Check their routes: \`aws ec2 describe-route-tables --filters Name=association.subnet-id,Values=${subnetIds.join(',')}\`.`,
          ),
    );
  },
);

export async function checkAlarms({ inspection, examination }: DoctorContext): Promise<Answers> {
  const name = examination.secret.rotationFunctionArn?.split(':')[6];
  if (name === undefined) {
    return unknown('The secret has no rotation function.');
  }
  const alarms = await inspection.alarmsOf(name);
  const silent = alarms.filter(({ actionsEnabled, actions }) => !actionsEnabled || actions.length === 0);
  if (alarms.length === 0 || silent.length > 0) {
    const reason =
      alarms.length === 0
        ? 'No alarm watches the function.'
        : `These alarms tell nobody: ${silent.map((alarm) => alarm.name).join(', ')}.`;
    return warning(reason, 'Give the stack a topic for its alarms (docs/configuration.md#monitoring).');
  }
  const raised = alarms.filter(({ state }) => state === 'ALARM').map((alarm) => alarm.name);
  return [
    raised.length > 0
      ? warning(
          `These alarms are raised: ${raised.join(', ')}. An alarm watches all secrets of the function, so the cause may be another secret.`,
          'docs/operations.md#alarms says what each alarm means. Find the secret: `zilliz-rotation status --all`.',
        )
      : pass(`${counted(alarms.length, 'alarm')} for the function.`),
    ...(await checkSubscriptions(inspection, new Set(alarms.flatMap(({ actions }) => actions)))),
  ];
}

async function checkSubscriptions(inspection: Inspection, actions: ReadonlySet<string>): Promise<Answer[]> {
  const topics = [...actions].filter((arn) => arn.split(':')[2] === 'sns');
  return await Promise.all(
    topics.map(async (topic) => {
      const { confirmed, pending } = await inspection.subscriptions(topic);
      return confirmed > 0
        ? pass(`${topic} has ${counted(confirmed, 'confirmed subscription')}.`)
        : warning(
            `Nobody receives the alarms: ${topic} has ${pending === 0 ? 'no subscription' : 'only unconfirmed subscriptions'}.`,
            `Subscribe: \`aws sns subscribe --topic-arn ${topic} --protocol email --notification-endpoint ADDRESS\`, and confirm the mail.`,
          );
    }),
  );
}
