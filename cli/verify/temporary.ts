import type { Admin } from '../../protocol/cluster/cluster.ts';
import type { ControlPlane } from '../../protocol/keys/control-plane.ts';
import { keyDescription, keyName } from '../../protocol/keys/rotated-key.ts';
import { newDocument } from '../../protocol/secret/document.ts';
import { formatSecretTargets } from '../../protocol/secret/rotated-secrets.ts';
import { AWSCURRENT, unfinishedVersion } from '../../protocol/secret/versions.ts';
import type { Aws } from '../aws/aws.ts';
import { AwsError } from '../aws/aws-error.ts';
import type { WallClock } from '../clock.ts';
import type { AdminCluster } from '../cluster/admin-cluster.ts';
import { catchKnown } from '../outcome/catch-known.ts';
import { type Failure, failed } from '../outcome/failure.ts';
import type { TemporaryRotation } from './check.ts';
import { until } from './follow.ts';
import { type Leftover, tagsOf } from './leftovers.ts';
import { measure } from './propagation.ts';
import type { Target } from './target.ts';

const DESCRIPTION = 'Temporary: zilliz-rotation verify deletes it, or zilliz-rotation verify --clean';
const QUIET_WITHIN_MS = 10_000;
const CLEAN = 'Run `zilliz-rotation verify --clean` with the same options.';

/** gRPC's codes for a caller without the permission, and without a valid credential. */
const NO_ADMIN = /^gRPC (7|16):/;

type Ports = Pick<TemporaryRotation, 'aws' | 'adminCluster' | 'clock' | 'interrupted' | 'randomId' | 'newPassword'>;

/**
 * Creates the secret, then its user or key, because the tags of the secret name them after a crash.
 *
 * @throws AwsError, SecretStoreError, ControlPlaneError
 */
export async function createTemporary(target: Target, ports: Ports): Promise<TemporaryRotation | Failure> {
  const { aws, adminCluster, randomId } = ports;
  const { name, pinsName, admin, keys, deployed } = target;
  const created = await aws.rotation.createSecret({
    name,
    versionId: randomId(),
    value: keys === undefined ? documentOf(target.stored) : '{}',
    description: DESCRIPTION,
    tags: tagsOf(keys === undefined ? 'user' : 'key', userOf(target)),
  });
  if (created === 'exists') {
    return failed('exists', `The secret ${name} exists.`, 'Run the command again.');
  }
  const secret = await aws.rotation.describeSecret(name);
  const store = aws.store(secret.arn);
  let { direct, stored } = target;
  if (keys !== undefined) {
    const { id, key } = await keys.organization.create({
      name: keyName(secret, randomId()),
      description: keyDescription(secret),
      scope: keys.like.scope,
    });
    direct = { ...direct, username: id, password: key };
    stored = direct;
    await store.put({ versionId: randomId(), value: documentOf(stored), labels: [AWSCURRENT] });
  }
  if (pinsName !== undefined) {
    // Without pins of a user, no admin of the function resets the user after the failed rotation.
    const pins = keys === undefined ? {} : { endpoint: stored.endpoint.url, apiKeyId: stored.username };
    const value = formatSecretTargets({ [name]: pins });
    const tags = tagsOf('pins', undefined);
    await aws.rotation.createSecret({ name: pinsName, versionId: randomId(), value, description: DESCRIPTION, tags });
  }
  if (admin !== undefined) {
    const answer = await adminCluster.createUser(admin, direct.username, direct.password);
    if (answer.kind !== 'done') {
      // Without this, the secret would wait for an admin who drops a user that was never created.
      if (NO_ADMIN.test(answer.answer)) {
        for (const each of [pinsName, name].filter((used) => used !== undefined)) {
          await aws.rotation.deleteSecret(each);
        }
      }
      return failed(
        'admin-refused',
        `The admin cannot create a user (${answer.answer}).`,
        'Use the secret of an admin.',
      );
    }
  }
  const { clusters, transport } = target;
  const { config, functionArn } = deployed;
  // A proxy that does not know the user yet would refuse the first checks.
  await measure(
    { ...ports, config },
    async () => (await clusters[transport].authenticates(direct)).kind === 'accepted',
  );
  return {
    ...ports,
    ...{ functionArn, config, secret, store, clusters, transport, admin, keys, direct, stored },
    startedAt: ports.clock.now(),
    servesRest: false,
    rotatedId: undefined,
    rotatedAt: undefined,
    failedId: undefined,
  };
}

function documentOf({ endpoint, ...credential }: Target['stored']): string {
  return newDocument({ ...credential, endpoint: endpoint.url });
}

function userOf({ admin, direct }: Target): Leftover['user'] {
  return admin === undefined ? undefined : { username: direct.username, endpoint: direct.endpoint.url };
}

export interface RemovalPorts {
  readonly aws: Aws;
  readonly adminCluster: AdminCluster;
  readonly clock: WallClock;
  /** Of the user of the leftover. `undefined`: nobody can drop the user. */
  readonly admin: Admin | undefined;
  /** Of the keys of the leftover. */
  readonly organization: ControlPlane | undefined;
}

/**
 * Removes the user and the keys before the secret, because the secret is how a later command finds
 * them. Ctrl-C does not stop it.
 *
 * @throws AwsError, SecretStoreError, ControlPlaneError
 */
export async function removeTemporary(
  { arn, name, kind, user }: Leftover,
  ports: RemovalPorts,
): Promise<Failure | undefined> {
  const { aws, adminCluster, admin, organization, clock } = ports;
  // AWS refuses it for a secret whose rotation was never configured.
  await catchKnown(aws.rotation.cancelRotation(arn), AwsError);
  if (user !== undefined) {
    const answer = admin && (await adminCluster.dropUser(admin, user.username));
    if (answer?.kind !== 'done') {
      const why = answer === undefined ? 'No admin is given.' : `The cluster answers: ${answer.answer}.`;
      return failed('not-removed', `The user ${user.username} is not dropped. ${why}`, `${CLEAN} Give --admin-secret.`);
    }
  }
  if (kind === 'key') {
    if (organization === undefined) {
      return failed('not-removed', `The API keys of ${name} are not deleted.`, `${CLEAN} Give --manager.`);
    }
    // A step that still runs may create a key.
    const store = aws.store(arn);
    const isQuiet = async (): Promise<boolean> => unfinishedVersion(await store.describe()) === undefined;
    await until({ clock, interrupted: new AbortController().signal }, QUIET_WITHIN_MS, isQuiet);
    for (const { id, description } of await organization.list()) {
      if (description.startsWith(keyDescription({ arn }))) {
        await organization.delete(id);
      }
    }
  }
  await aws.rotation.deleteSecret(arn);
  return undefined;
}
