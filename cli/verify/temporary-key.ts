import type { Credentials } from '../../protocol/cluster/cluster.ts';
import { EndpointError } from '../../protocol/cluster/endpoint.ts';
import type { ControlPlane } from '../../protocol/keys/control-plane.ts';
import { readManagerKey } from '../../protocol/keys/manager-key.ts';
import { keyDescription, keyName } from '../../protocol/keys/rotated-key.ts';
import { RotationError } from '../../protocol/rotation/errors.ts';
import { requireCopyable } from '../../protocol/rotation/open-keys.ts';
import type { DeployedFunction } from '../aws/deployed-function.ts';
import { managerPorts } from '../examine-ports.ts';
import { catchKnown } from '../outcome/catch-known.ts';
import { refuse } from '../outcome/failure.ts';
import type { Setup, TemporaryCredential, TemporaryKeys, VerifyPorts } from './run.ts';
import { tagsOf } from './temporary.ts';

/**
 * A key with the role and scope of another one.
 *
 * @throws FailureError, SecretStoreError, ControlPlaneError
 */
export async function readTemporaryKey(likeId: string, setup: Setup): Promise<TemporaryCredential> {
  const { endpoint, randomId } = setup;
  const opened = await askOrganization(setup.deployed, setup);
  const { organization } = opened;
  const find = async () => requireCopyable(await organization.list(), likeId);
  const like = await catchKnown(find(), RotationError);
  if (like instanceof RotationError) {
    return refuse('no-such-key', like.message, 'Give the id of another key as --like.');
  }
  return {
    keys: { ...opened, like },
    step: `Create a temporary API key with the role and scope of ${like.id}`,
    tags: tagsOf('key'),
    create: async (secret) => {
      const name = keyName(secret, randomId());
      const { id, key } = await organization.create({ name, description: keyDescription(secret), scope: like.scope });
      const created: Credentials = { endpoint, username: id, password: key, form: 'api-key' };
      return { direct: created, stored: created };
    },
  };
}

/** @throws FailureError, SecretStoreError */
export async function askOrganization(
  { config: { managerSecretArn, controlPlane } }: DeployedFunction,
  ports: VerifyPorts,
): Promise<Omit<TemporaryKeys, 'like'>> {
  if (managerSecretArn === undefined) {
    return refuse(
      'no-manager',
      'The function has no manager secret, so it can create no API key.',
      'Add managerSecretArn to the configuration, and deploy it.',
    );
  }
  const { requireAllowed, readSecret, connect } = managerPorts(ports.options, ports);
  const refused = await catchKnown((async () => requireAllowed(controlPlane.url))(), EndpointError);
  if (refused instanceof EndpointError) {
    return refuse('control-plane', refused.message, 'If it is your own, allow its host with --allow-endpoint HOST.');
  }
  const askedWith = (managerKey: string): ControlPlane => connect(managerKey, controlPlane);
  return { organization: askedWith(readManagerKey(await readSecret(managerSecretArn)) ?? ''), askedWith };
}
