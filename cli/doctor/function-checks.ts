import { isOffOnPurpose } from '../../protocol/secret/rotated-secrets.ts';
import { AWSCURRENT, holderOf } from '../../protocol/secret/versions.ts';
import { STEP_EVENT } from '../../telemetry/log-line.ts';
import { AwsError } from '../aws/aws-error.ts';
import type { InspectedAlarm, Inspection } from '../aws/inspection.ts';
import { counted } from '../terminal/text.ts';
import {
  type Answer,
  type Answers,
  type DoctorCheck,
  type DoctorContext,
  fail,
  ofFunction,
  pass,
  unknown,
  warning,
} from './check.ts';

export function checkFunction({ rotationFunction, examination, ports }: DoctorContext): Answer {
  if (examination.secret.rotationFunctionArn === undefined) {
    return isOffOnPurpose(examination.secret)
      ? pass('The secret has no rotation function. It needs none, because its rotation is off on purpose.')
      : fail(
          'The secret has no rotation function.',
          'Add the secret to the configuration of the rotation stack, and deploy it.',
        );
  }
  if (rotationFunction === undefined || ('kind' in rotationFunction && rotationFunction.kind === 'not-found')) {
    return unknown('The function was not read. A finding above says why.');
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

/**
 * The network of the function is another one than the network of this command. Only a login of the
 * function proves its path, and the log of AWSCURRENT has it.
 */
export const checkFunctionNetwork: DoctorCheck = ofFunction(
  'The network of the function',
  async ({ subnetIds, lastModified }, { examination: { secret, versions }, ports }) => {
    const current = versions.find(({ versionId }) => versionId === holderOf(secret, AWSCURRENT));
    const functionArn = secret.rotationFunctionArn ?? '';
    const since = (current?.createdAt ?? 0) - LOG_BEFORE_VERSION_MS;
    const lines = current ? await ports.aws.readSteps(functionArn, { since }, { versionId: current.versionId }) : [];
    const proof = lines.findLast(({ step, event }) => step === 'testSecret' && event === STEP_EVENT.finished);
    const seen = proof && `The function logged in to the cluster on ${new Date(proof.at).toISOString()}.`;
    if (proof !== undefined && seen !== undefined && Date.parse(lastModified) <= proof.at) {
      return pass(seen);
    }
    const place =
      subnetIds.length === 0
        ? 'The function is not in a VPC, so it reaches public hosts only.'
        : `The function is in the subnets ${subnetIds.join(', ')}. Compare their routes with the network of the cluster.`;
    return unknown(
      seen === undefined
        ? `No login of the function with AWSCURRENT is in its log. ${place}`
        : `${seen} Its configuration has changed since then. ${place}`,
      `A rotation proves the path: \`zilliz-rotation rotate ${secret.name}\`.`,
    );
  },
);

/** How long before the creation of the version the command starts to read the log. */
const LOG_BEFORE_VERSION_MS = 3_600_000;

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
  return [
    ...checkStates(alarms),
    ...(await checkSubscriptions(inspection, new Set(alarms.flatMap(({ actions }) => actions)))),
  ];
}

function checkStates(alarms: readonly InspectedAlarm[]): Answer[] {
  const raised = alarms.filter(({ state }) => state === 'ALARM').map(({ name }) => name);
  const withoutData = alarms
    .filter(({ state, reportsMissingData }) => state === 'INSUFFICIENT_DATA' && reportsMissingData)
    .map(({ name }) => name);
  const warnings = [
    raised.length > 0 &&
      warning(
        `These alarms are raised: ${raised.join(', ')}. An alarm watches all secrets of the function, so the cause may be another secret.`,
        'docs/operations.md#alarms says what each alarm means. Find the secret: `zilliz-rotation status --all`.',
      ),
    withoutData.length > 0 &&
      warning(
        `These alarms have no data: ${withoutData.join(', ')}. The check for overdue rotations has not run for three hours, or never.`,
        'If the deployment is older than an hour, read docs/operations.md#overdue-check-stopped.',
      ),
  ].filter((answer) => answer !== false);
  return warnings.length > 0 ? warnings : [pass(`${counted(alarms.length, 'alarm')} for the function.`)];
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
