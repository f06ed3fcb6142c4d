import type { Credentials } from '../../protocol/cluster/cluster.ts';
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
 * @throws FailureError, SecretStoreError, ControlPlaneError, EndpointError
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

/** @throws FailureError, SecretStoreError, EndpointError */
export async function askOrganization(
  { config }: DeployedFunction,
  ports: VerifyPorts,
): Promise<Omit<TemporaryKeys, 'like'>> {
  const keys = managerPorts(ports.options, ports)(config);
  if (keys === undefined) {
    return refuse(
      'no-manager',
      'The function has no manager secret, so it can create no API key.',
      'Add managerSecretArn to the configuration, and deploy it.',
    );
  }
  const organization = keys.connect(readManagerKey(await keys.readManager()) ?? '');
  return { organization, askedWith: keys.connect };
}
