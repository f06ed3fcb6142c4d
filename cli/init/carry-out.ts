import type { Cluster, Credentials } from '../../protocol/cluster/cluster.ts';
import { ENDPOINT_TAG } from '../../protocol/secret/document.ts';
import { SECRET_DESCRIPTION } from '../../protocol/secret/new-secret.ts';
import { type SecretStore, SecretStoreError } from '../../protocol/secret/secret-store.ts';
import { AWSCURRENT, sentLabel } from '../../protocol/secret/versions.ts';
import type { Aws } from '../aws/aws.ts';
import { AwsError } from '../aws/aws-error.ts';
import { explainAwsError } from '../aws/explain-aws-error.ts';
import type { WallClock } from '../clock.ts';
import type { AdminCluster } from '../cluster/admin-cluster.ts';
import { grantEach, type UsableAdmin } from '../cluster/admin-requests.ts';
import { loginEverywhere, loginWithCheck } from '../cluster/login.ts';
import { type Failure, failed, refused } from '../outcome/failure.ts';
import { proveLogin, reasonOf } from './prove-login.ts';
import type { InitStep } from './steps.ts';

export interface CarryOutPorts {
  readonly secretId: string;
  readonly aws: Aws;
  readonly cluster: Cluster;
  readonly adminCluster: AdminCluster;
  readonly admin: UsableAdmin | undefined;
  readonly endpointUrl: string;
  readonly clock: WallClock;
  readonly interrupted: AbortSignal;
  readonly randomId: () => string;
}

/**
 * Carries out one step.
 *
 * @returns `undefined` after success
 * @throws AwsError, SecretStoreError
 */
export async function carryOutStep(step: InitStep, ports: CarryOutPorts): Promise<Failure | undefined> {
  const { aws, secretId, randomId } = ports;
  switch (step.kind) {
    case 'create-secret':
      return await createSecret(step, ports);
    case 'store-current':
      return await storeCurrent(step, aws.store(secretId), randomId());
    case 'promote':
      return (await proveLogin(step.credentials, ports)) ?? (await promote(step, aws.store(secretId)));
    case 'store-other': {
      const versionId = randomId();
      await aws.store(secretId).put({ versionId, value: step.value, labels: [sentLabel(versionId)] });
      return undefined;
    }
    case 'add-sent-label':
      await aws.store(secretId).addLabel({ label: sentLabel(step.versionId), to: step.versionId });
      return undefined;
    case 'create-user':
      return await createUser(step.credentials, ports);
    case 'grant-roles':
      return await grantRoles(step, ports);
  }
}

async function createSecret(
  { value, kmsKey }: Extract<InitStep, { kind: 'create-secret' }>,
  { aws, secretId, endpointUrl, randomId }: CarryOutPorts,
): Promise<Failure | undefined> {
  const answer = await aws.rotation.createSecret({
    name: secretId,
    versionId: randomId(),
    value,
    description: SECRET_DESCRIPTION,
    tags: { [ENDPOINT_TAG]: endpointUrl },
    kmsKeyArn: kmsKey,
  });
  return answer === 'created' ? undefined : changedMeanwhile(`Somebody else has created ${secretId}.`);
}

/** AWSCURRENT moves by compare-and-swap, so a value that somebody stores meanwhile stays. */
async function storeCurrent(
  { value, from }: Extract<InitStep, { kind: 'store-current' }>,
  store: SecretStore,
  versionId: string,
): Promise<Failure | undefined> {
  const label = sentLabel(versionId);
  await store.put({ versionId, value, labels: [from === undefined ? AWSCURRENT : label] });
  const refusal = from === undefined ? undefined : await promote({ to: versionId, from }, store);
  if (refusal !== undefined) {
    await store.removeLabel({ label, from: versionId });
  }
  return refusal;
}

async function promote(move: { to: string; from: string }, store: SecretStore): Promise<Failure | undefined> {
  return (await store.promote(move)) === 'done' ? undefined : changedMeanwhile('Somebody else has moved AWSCURRENT.');
}

function changedMeanwhile(message: string): Failure {
  return refused('changed-meanwhile', message, 'Run the command again to plan from the new state.');
}

/**
 * Creates a user. Its password is stored already. Only a login proves the creation, because the
 * answer may be lost, or an earlier request may arrive late.
 */
async function createUser(credentials: Credentials, ports: CarryOutPorts): Promise<Failure | undefined> {
  const { username, password, endpoint } = credentials;
  const answer = await ports.adminCluster.createUser(adminOf(ports), username, password);
  const login = await (answer.kind === 'refused' ? loginWithCheck : loginEverywhere)(credentials, ports);
  if (login.kind === 'accepted') {
    return undefined;
  }
  if (answer.kind === 'refused') {
    return failed(
      'create-refused',
      `${endpoint.url} did not create ${username} (${answer.answer}).`,
      'The password is stored, and no user has it. Remove the cause.',
    );
  }
  const reason = answer.kind === 'lost' ? answer.answer : reasonOf(login);
  return failed(
    'unsettled',
    `It is not known whether ${username} exists at ${endpoint.url}. ${reason}`,
    'Its password is stored.',
  );
}

async function grantRoles(
  { username, roles }: Extract<InitStep, { kind: 'grant-roles' }>,
  ports: CarryOutPorts,
): Promise<Failure | undefined> {
  const ungranted = await grantEach(username, roles, adminOf(ports), ports.adminCluster);
  return ungranted.length === 0
    ? undefined
    : failed(
        'roles-missing',
        `The cluster did not confirm these roles of ${username}: ${ungranted.map(({ role }) => role).join(', ')}. ${ungranted.at(-1)?.answer}`,
        'Create the roles if they do not exist.',
      );
}

function adminOf({ admin }: CarryOutPorts): UsableAdmin['admin'] {
  if (admin === undefined) {
    throw new TypeError('the plan needs an admin');
  }
  return admin.admin;
}

/**
 * @param changed whether a step before has changed something
 * @throws every error that does not come from AWS
 */
export function explainStepError(error: unknown, changed: boolean): Failure {
  const isFinal =
    (error instanceof AwsError && !error.retryable) ||
    (error instanceof SecretStoreError && error.kind !== 'unavailable');
  return { kind: isFinal && !changed ? 'refused' : 'failed', ...explainAwsError(error) };
}
