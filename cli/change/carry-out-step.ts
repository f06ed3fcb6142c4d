import type { Credentials } from '../../protocol/cluster/cluster.ts';
import { type RotatedEvent, toEntry } from '../../protocol/rotation/rotated-event.ts';
import { accountAndRegionOf } from '../../protocol/secret/account-and-region.ts';
import { ENDPOINT_TAG, SECRET_DESCRIPTION } from '../../protocol/secret/document.ts';
import { AWSCURRENT, AWSPENDING, sentLabel } from '../../protocol/secret/versions.ts';
import { AwsError } from '../aws/aws-error.ts';
import { loginEverywhere, loginWithCheck } from '../cluster/login.ts';
import { catchKnown } from '../outcome/catch-known.ts';
import { type Failure, failed, interruptedBeforeChange, refused, unconfirmed } from '../outcome/failure.ts';
import { shellWord } from '../terminal/text.ts';
import { adminOf } from './admin.ts';
import { resetPassword } from './reset-password.ts';
import { grantRoles } from './roles.ts';
import type { ChangePorts, PlanStep, PlanStepFailure } from './step.ts';

/** @throws AwsError, SecretStoreError */
export async function carryOutStep(step: PlanStep, ports: ChangePorts): Promise<PlanStepFailure | undefined> {
  const { aws, secretId } = ports;
  switch (step.kind) {
    case 'create-secret':
      return await createSecretWithValue(step, ports);
    case 'store': {
      const { versionId, value } = step;
      const labels = [step.asCurrent ? AWSCURRENT : sentLabel(versionId)];
      await aws.store(secretId).put({ versionId, value, labels });
      return undefined;
    }
    case 'log-in':
      return await proveLogin(step, ports);
    case 'promote':
      return unlessMoved(await aws.store(secretId).promote(step));
    case 'send-event':
      return await sendEvent(step.rotated, ports);
    case 'add-sent-label':
      await aws.store(secretId).addLabel({ label: sentLabel(step.versionId), to: step.versionId });
      return undefined;
    case 'remove-sent-label':
      // A label that somebody else has removed makes room too.
      await aws.store(secretId).removeLabel(step);
      return undefined;
    case 'remove-pending':
      return unlessMoved(await aws.store(secretId).removeLabel({ label: AWSPENDING, from: step.from }));
    case 'create-user':
      return await createUser(step.credentials, ports);
    case 'reset-password':
      return await resetPassword(step, ports);
    case 'grant-roles':
      return await grantRoles(step.username, step.roles, ports);
  }
}

/**
 * AWSCURRENT has moved, so a failure must not stop the steps that follow. A repetition of the
 * command would not send the event, because it finds nothing to move.
 */
async function sendEvent(
  rotated: Omit<RotatedEvent, 'rotatedAt'>,
  { aws, clock, profile, showNotice }: ChangePorts,
): Promise<undefined> {
  const event = { ...rotated, rotatedAt: new Date(clock.now()).toISOString() };
  const failure = await catchKnown(aws.sendRotated(event), AwsError);
  if (failure instanceof AwsError) {
    const { region } = accountAndRegionOf(rotated.secretArn);
    const options = ['--region', region, ...(profile === undefined ? [] : ['--profile', profile])];
    const command = ['aws', 'events', 'put-events', ...options, '--entries', JSON.stringify([toEntry(event)])];
    showNotice(
      `The event was not sent. ${failure.message} AWSCURRENT has moved, so restart by hand what waits for the event, or send it: \`${command.map(shellWord).join(' ')}\``,
    );
  }
}

async function createSecretWithValue(
  { versionId, value, endpointUrl }: Extract<PlanStep, { kind: 'create-secret' }>,
  { aws, secretId }: ChangePorts,
): Promise<Failure | undefined> {
  const answer = await aws.rotation.createSecret({
    name: secretId,
    versionId,
    value,
    description: SECRET_DESCRIPTION,
    tags: { [ENDPOINT_TAG]: endpointUrl },
  });
  return answer === 'created' ? undefined : changedMeanwhile(`Somebody else has created ${secretId}.`);
}

/** Labels move by compare-and-swap, so a value that somebody stores meanwhile stays. */
function unlessMoved(answer: 'done' | 'moved'): Failure | undefined {
  return answer === 'done'
    ? undefined
    : changedMeanwhile('Somebody else moved a label of the secret, probably a rotation.');
}

function changedMeanwhile(message: string): Failure {
  return refused('changed-meanwhile', message, 'Run the command again to plan from the new state.');
}

/** The login before labels move. The password may have changed while the operator read the plan. */
async function proveLogin(
  { credentials, ifRejected }: Extract<PlanStep, { kind: 'log-in' }>,
  ports: ChangePorts,
): Promise<Failure | undefined> {
  const login = await loginEverywhere(credentials, ports);
  if (login.kind === 'accepted') {
    return undefined;
  }
  const advice = 'A rotation may be running. Run the command again.';
  if (ports.interrupted.aborted) {
    return { ...interruptedBeforeChange(), advice };
  }
  switch (login.kind) {
    case 'rejected':
      return ifRejected === undefined
        ? refused(
            'changed-meanwhile',
            'The cluster, or one of its proxies, rejects the credential that the cluster accepted before.',
            advice,
          )
        : { kind: 'failed', ...ifRejected };
    case 'not-enforced':
      return unconfirmed('authorization-off', 'The cluster now accepts a wrong credential too.', advice);
    case 'undecided':
      return unconfirmed(
        'changed-meanwhile',
        `The login before the change of labels failed. ${login.explanation}`,
        advice,
      );
  }
}

/** Only a login proves the creation: the answer may be lost, or an earlier request arrives late. */
async function createUser(credentials: Credentials, ports: ChangePorts): Promise<PlanStepFailure | undefined> {
  const { username, password, endpoint } = credentials;
  const answer = await ports.adminCluster.createUser(adminOf(ports).admin, username, password);
  const login = await (answer.kind === 'refused' ? loginWithCheck : loginEverywhere)(credentials, ports);
  if (login.kind === 'accepted') {
    return undefined;
  }
  if (answer.kind === 'refused') {
    return failed(
      'create-refused',
      `${endpoint.url} did not create ${username} (${answer.answer}).`,
      'Remove the cause.',
    );
  }
  const reason = answer.kind === 'lost' ? answer.answer : 'The cluster reported success and rejects the login.';
  const message = `It is not known whether ${username} exists at ${endpoint.url}. ${reason}`;
  return { ...failed('unsettled', message, 'Its password is stored.'), mayBeSet: true };
}
