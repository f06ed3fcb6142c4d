import { keyDescription, keyName } from '../../protocol/keys/rotated-key.ts';
import { newDocument } from '../../protocol/secret/document.ts';
import { formatSecretTargets } from '../../protocol/secret/rotated-secrets.ts';
import { AWSCURRENT } from '../../protocol/secret/versions.ts';
import { failed } from '../outcome/failure.ts';
import type { TemporaryRotation } from './check.ts';
import { accepts } from './cluster-answers.ts';
import { FailureError } from './explain.ts';
import { tagsOf } from './leftovers.ts';
import { measure } from './propagation.ts';
import type { Target, VerifyPorts } from './target.ts';

const DESCRIPTION = 'Temporary: zilliz-rotation verify deletes it, or zilliz-rotation verify --clean';

/** gRPC's codes for a caller without the permission, and without a valid credential. */
const NO_ADMIN = /^gRPC (7|16):/;

/**
 * Creates the secret, then its user or key, because the tags of the secret name them after a crash.
 *
 * @throws FailureError, AwsError, SecretStoreError, ControlPlaneError
 */
export async function createTemporary(target: Target, ports: VerifyPorts): Promise<TemporaryRotation> {
  const { aws, adminCluster, randomId } = ports;
  const { name, pinsName, admin, keys } = target;
  let { direct, stored } = target;
  const user = { username: direct.username, endpoint: direct.endpoint.url };
  await aws.rotation.createSecret({
    name,
    versionId: randomId(),
    value: keys === undefined ? documentOf(stored) : '{}',
    description: DESCRIPTION,
    tags: tagsOf(keys === undefined ? 'user' : 'key', admin === undefined ? undefined : user),
  });
  const secret = await aws.rotation.describeSecret(name);
  const store = aws.store(secret.arn);
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
        await aws.rotation.deleteSecret(name);
      }
      const message = `The admin cannot create a user (${answer.answer}).`;
      throw new FailureError(failed('admin-refused', message, 'Use the secret of an admin.'));
    }
  }
  // A proxy that does not know the user yet would refuse the first checks.
  await measure({ ...ports, ...target }, async () => await accepts(target.cluster, direct));
  return { ...ports, ...target, direct, stored, secret, store, startedAt: ports.clock.now() };
}

function documentOf({ endpoint, ...credential }: Target['stored']): string {
  return newDocument({ ...credential, endpoint: endpoint.url });
}
