import { newDocument } from '../../protocol/secret/document.ts';
import { formatSecretTargets } from '../../protocol/secret/rotated-secrets.ts';
import type { SecretStore } from '../../protocol/secret/secret-store.ts';
import { AWSCURRENT } from '../../protocol/secret/versions.ts';
import type { RotatingSecret, RotationStart } from '../aws/aws.ts';
import { accepts } from './answers.ts';
import { UndecidedError } from './observation.ts';
import { measure } from './propagation.ts';
import type { Setup } from './setup.ts';
import { type CreatedCredential, type TemporaryCredential, tagsOf } from './temporary.ts';

/** The state that the checks share. */
export interface Run extends Setup, CreatedCredential, Pick<TemporaryCredential, 'admin' | 'keys'> {
  readonly secret: Pick<RotatingSecret, 'arn' | 'name'>;
  readonly store: SecretStore;
  /** When the command created the secret, in milliseconds since the epoch. */
  readonly startedAt: number;
  /** The version of the completed rotation. */
  rotatedId?: string | undefined;
  /** The date that Secrets Manager shows since then. */
  rotatedAt?: number | undefined;
  /** The version of the rotation that failed on purpose. */
  failedId?: string | undefined;
}

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
  await storeCredential(run, [AWSCURRENT]);
  if (pinsName !== undefined) {
    // An admin of the function would reset the password of a pinned user after a failed rotation.
    const pins = keys ? { endpoint: setup.endpoint.url, apiKeyId: created.direct.username } : {};
    await create({ name: pinsName, value: formatSecretTargets({ [name]: pins }), tags: tagsOf('pins') });
  }
  // A proxy that does not know the user yet would refuse the first checks. Over one transport,
  // because a check finds out later whether the endpoint serves REST.
  const clusters = new Map([...setup.clusters].slice(0, 1));
  await measure({ ...setup, clusters }, async (cluster) => await accepts(cluster, created.direct));
  return run;
}

/** Stores the present credential as a new version with these labels. @returns its id */
export async function storeCredential(
  { store, stored: { endpoint, ...credential }, randomId }: Pick<Run, 'store' | 'stored' | 'randomId'>,
  labels: readonly string[],
): Promise<string> {
  const versionId = randomId();
  await store.put({ versionId, value: newDocument({ ...credential, endpoint: endpoint.url }), labels });
  return versionId;
}

/** @throws UndecidedError */
export function requireStarted(start: RotationStart): void {
  if (start.kind === 'refused') {
    throw new UndecidedError(`RotateSecret is refused (${start.reason}).`);
  }
}
