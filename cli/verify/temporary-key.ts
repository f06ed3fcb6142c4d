import type { Credentials } from '../../protocol/cluster/cluster.ts';
import { EndpointError } from '../../protocol/cluster/endpoint.ts';
import { readManagerKey } from '../../protocol/keys/manager-key.ts';
import { keyDescription, keyName } from '../../protocol/keys/rotated-key.ts';
import { RotationError } from '../../protocol/rotation/errors.ts';
import { requireCopyable } from '../../protocol/rotation/open-keys.ts';
import { AWSCURRENT } from '../../protocol/secret/versions.ts';
import { managerPorts } from '../examine-ports.ts';
import { catchKnown } from '../outcome/catch-known.ts';
import { refuse } from '../outcome/failure-error.ts';
import {
  documentOf,
  type Setup,
  type TemporaryCredential,
  type TemporaryKeys,
  tagsOf,
} from './temporary-credential.ts';

/**
 * A key with the role and scope of another one.
 *
 * @throws FailureError, SecretStoreError, ControlPlaneError
 */
export async function readTemporaryKey(likeId: string, setup: Setup): Promise<TemporaryCredential> {
  const { organization, askedWith } = await organizationOf(setup);
  const find = async () => requireCopyable(await organization.list(), likeId);
  const like = await catchKnown(find(), RotationError);
  if (like instanceof RotationError) {
    return refuse('no-such-key', like.message, 'Give the id of another key as --like.');
  }
  const { endpoint, ports } = setup;
  return {
    keys: { organization, askedWith, like },
    creation: `Create a temporary API key with the role and scope of ${like.id}`,
    initial: { value: '{}', tags: tagsOf('key') },
    create: async (secret) => {
      const name = keyName(secret, ports.randomId());
      const { id, key } = await organization.create({ name, description: keyDescription(secret), scope: like.scope });
      const created: Credentials = { endpoint, username: id, password: key, form: 'api-key' };
      const version = { versionId: ports.randomId(), value: documentOf(created), labels: [AWSCURRENT] };
      await ports.aws.store(secret.arn).put(version);
      return { direct: created, stored: created };
    },
  };
}

/** The organization of the function's manager key. @throws FailureError, SecretStoreError */
export async function organizationOf({
  options,
  deployed,
  ports,
}: Omit<Setup, 'endpoint' | 'cluster'>): Promise<Omit<TemporaryKeys, 'like'>> {
  const { managerSecretArn, controlPlane } = deployed.config;
  if (managerSecretArn === undefined) {
    return refuse(
      'no-manager',
      'The function has no manager secret, so it can create no API key.',
      'Add managerSecretArn to the configuration, and deploy it.',
    );
  }
  const { requireAllowed, readSecret, connect } = managerPorts(options, ports);
  const refused = await catchKnown((async () => requireAllowed(controlPlane.url))(), EndpointError);
  if (refused instanceof EndpointError) {
    return refuse('control-plane', refused.message, 'If it is your own, allow its host with --allow-endpoint HOST.');
  }
  const askedWith = (managerKey: string) => connect(managerKey, controlPlane);
  return { organization: askedWith(readManagerKey(await readSecret(managerSecretArn)) ?? ''), askedWith };
}
