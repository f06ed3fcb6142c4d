import { formatSecretTargets } from '../../protocol/secret/rotated-secrets.ts';
import { accepts } from './answers.ts';
import { measureSpread } from './propagation.ts';
import type { Run, Setup, TemporaryCredential } from './run.ts';
import { tagsOf } from './temporary.ts';

const DESCRIPTION = 'Temporary: zilliz-rotation verify deletes it, or zilliz-rotation verify --clean';

/**
 * Creates the secret, then its user or key, because the tags of the secret name them after a crash.
 *
 * @throws FailureError, AwsError, SecretStoreError, ControlPlaneError
 */
export async function createRun(setup: Setup, credential: TemporaryCredential): Promise<Run> {
  const { aws, randomId, clock, name, pinsName } = setup;
  const { keys, tags } = credential;
  const create = async (created: { name: string; value: string; tags: typeof tags }): Promise<unknown> =>
    await aws.rotation.createSecret({ ...created, versionId: randomId(), description: DESCRIPTION });
  await create({ name, value: '{}', tags });
  const secret = await aws.rotation.describeSecret(name);
  const created = await credential.create(secret);
  const store = aws.store(secret.arn);
  const run: Run = { ...setup, ...credential, ...created, secret, store, startedAt: clock.now() };
  if (pinsName !== undefined) {
    // An admin of the function would reset the password of a pinned user after a failed rotation.
    const pins = keys ? { endpoint: setup.endpoint.url, apiKeyId: created.direct.username } : {};
    await create({ name: pinsName, value: formatSecretTargets({ [name]: pins }), tags: tagsOf('pins') });
  }
  // A proxy that does not know the user yet would refuse the first checks. Over one transport,
  // because a check finds out later whether the endpoint serves REST.
  const clusters = new Map([...setup.clusters].slice(0, 1));
  await measureSpread({ ...setup, clusters }, async (cluster) => await accepts(cluster, created.direct));
  return run;
}
