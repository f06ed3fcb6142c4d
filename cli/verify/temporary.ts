import { formatSecretTargets } from '../../protocol/secret/rotated-secrets.ts';
import type { TemporaryRotation } from './check.ts';
import { accepts } from './cluster-answers.ts';
import { measure } from './propagation.ts';
import type { Target } from './target.ts';
import { tagsOf, type VerifyPorts } from './temporary-credential.ts';

const DESCRIPTION = 'Temporary: zilliz-rotation verify deletes it, or zilliz-rotation verify --clean';

/**
 * Creates the secret, then its user or key, because the tags of the secret name them after a crash.
 *
 * @throws FailureError, AwsError, SecretStoreError, ControlPlaneError
 */
export async function createTemporary(target: Target, ports: VerifyPorts): Promise<TemporaryRotation> {
  const { aws, randomId, clock } = ports;
  const { name, pinsName, initial } = target;
  await aws.rotation.createSecret({ name, versionId: randomId(), description: DESCRIPTION, ...initial });
  const secret = await aws.rotation.describeSecret(name);
  const created = await target.create(secret);
  if (pinsName !== undefined) {
    // An admin of the function would reset the password of a pinned user after a failed rotation.
    const pins = target.keys ? { endpoint: target.endpoint.url, apiKeyId: created.direct.username } : {};
    const value = formatSecretTargets({ [name]: pins });
    const pinned = { name: pinsName, versionId: randomId(), value, description: DESCRIPTION, tags: tagsOf('pins') };
    await aws.rotation.createSecret(pinned);
  }
  // A proxy that does not know the user yet would refuse the first checks. Over one transport,
  // because a check finds out later whether the endpoint serves REST.
  const clusters = new Map([...target.clusters].slice(0, 1));
  await measure({ ...ports, ...target, clusters }, async (cluster) => await accepts(cluster, created.direct));
  return { ...ports, ...target, ...created, secret, store: aws.store(secret.arn), startedAt: clock.now() };
}
