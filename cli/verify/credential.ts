import type { Credentials } from '../../protocol/cluster/cluster.ts';
import { isAdmin } from '../../protocol/credential/admin-credential.ts';
import { keyDescription, keyName } from '../../protocol/keys/rotated-key.ts';
import { RotationError } from '../../protocol/rotation/errors.ts';
import { readManagerKey, requireCopyable } from '../../protocol/rotation/open-keys.ts';
import type { DeployedFunction } from '../aws/deployed-function.ts';
import { readAdmin } from '../change/admin.ts';
import { managerPorts } from '../examine-ports.ts';
import { catchKnown, endWith, failed, refuse } from '../outcome/failure.ts';
import { printable } from '../terminal/text.ts';
import type { Setup, TemporaryCredential, TemporaryKeys, VerifyPorts } from './run.ts';
import { FUNCTION_TAG, hexDigits, tagsOf } from './temporary.ts';

/**
 * The credential that the options name for the temporary secret. Changes nothing.
 *
 * @throws FailureError, SecretStoreError, ClusterUnavailableError, ControlPlaneError, EndpointError
 */
export async function readCredential(setup: Setup): Promise<TemporaryCredential> {
  const { adminSecret, users, like = '' } = setup.options;
  if (adminSecret !== undefined) {
    return await readCreatedUser(adminSecret, setup);
  }
  return users === undefined ? await readTemporaryKey(like, setup) : await readThrowAwayUsers(users, setup);
}

/** gRPC's codes for a caller without the permission, and without a valid credential. */
const NO_ADMIN = /^gRPC (7|16):/;

/** A user that the admin creates. */
async function readCreatedUser(adminSecret: string, setup: Setup): Promise<TemporaryCredential> {
  const { endpoint, aws, adminCluster, newPassword } = setup;
  const { admin } = await readAdmin(adminSecret, endpoint, setup);
  const user = { endpoint, username: `zverify_${hexDigits(setup, 24)}`, password: newPassword() };
  return {
    admin,
    step: `Create the user ${user.username} without a role at ${endpoint.url}, with the credential in ${adminSecret}`,
    tags: tagsOf('user', user),
    create: async ({ arn }) => {
      const answer = await adminCluster.createUser(admin, user.username, user.password);
      if (answer.kind === 'done') {
        return { direct: user, stored: user };
      }
      // Without this, the secret would wait for an admin who drops a user that was never created.
      if (NO_ADMIN.test(answer.answer)) {
        await aws.rotation.deleteSecret(arn);
      }
      const message = `The admin cannot create a user (${answer.answer}).`;
      return endWith(failed('admin-refused', message, 'Use the secret of an admin.'));
    },
  };
}

/** The role that Milvus gives each user. */
const EVERYBODY = 'public';

/**
 * Asks for the passwords of two throw-away users. Nobody knows the passwords afterwards, so this
 * refuses users that an application may use.
 */
async function readThrowAwayUsers(names: readonly [string, string], setup: Setup): Promise<TemporaryCredential> {
  const direct = await askFor(names[0], setup);
  const stored = await askFor(names[1], setup);
  // A cluster has several addresses, such as that of PrivateLink, so the endpoint does not count.
  const users = { arn: undefined, name: '', rotationFunctionArn: undefined, endpoint: undefined, usernames: names };
  const { others, notes } = await setup.findSameUser(users, setup.aws);
  if (others.length > 0) {
    const message = `A secret holds one of the users: ${others.join(', ')}.`;
    return refuse('user-in-use', message, 'Name users that no secret holds.');
  }
  return {
    step: [
      `Change the passwords of ${names.join(' and ')} at ${setup.endpoint.url}, which nobody knows afterwards: drop both users.`,
      'No secret of this product that the command could read holds them. It reads no secret of other products.',
      ...notes,
    ].join(' '),
    tags: tagsOf('user'),
    create: async () => ({ direct, stored }),
  };
}

async function askFor(username: string, { endpoint, cluster, readPassword }: Setup): Promise<Credentials> {
  if (isAdmin(username, undefined)) {
    refuse('admin-user', `${username} administers the cluster.`, 'Name another user.');
  }
  const password = (await readPassword(printable(`Password of ${username} at ${endpoint.url}: `))) ?? '';
  const user = { endpoint, username, password };
  const login = password === '' ? undefined : await cluster.authenticates(user);
  if (login?.kind !== 'accepted') {
    const message = `${endpoint.url} does not accept the given password of ${username}.`;
    return refuse('password-rejected', message, 'Give both passwords at the prompt, or as lines on standard input.');
  }
  if (login.roles.some((role) => role !== EVERYBODY)) {
    const message = `${username} has a role, so an application may use it.`;
    return refuse('user-in-use', message, 'Name users without a role.');
  }
  return user;
}

/** A key with the role and scope of another one. */
async function readTemporaryKey(likeId: string, setup: Setup): Promise<TemporaryCredential> {
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
    tags: { ...tagsOf('key'), [FUNCTION_TAG]: setup.deployed.functionArn },
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
  const { readSecret, connectControlPlane } = managerPorts(ports.options, ports)(config);
  if (config.managerSecretArn === undefined) {
    return refuse(
      'no-manager',
      'The function has no manager secret, so it can create no API key.',
      'Add managerSecretArn to the configuration, and deploy it.',
    );
  }
  const organization = connectControlPlane(readManagerKey(await readSecret(config.managerSecretArn)) ?? '');
  return { organization, askedWith: connectControlPlane };
}
