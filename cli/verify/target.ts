import type { Admin, Credentials } from '../../protocol/cluster/cluster.ts';
import { type Endpoint, parseEndpoint } from '../../protocol/cluster/endpoint.ts';
import { isAdmin } from '../../protocol/credential/admin-credential.ts';
import { readManagerKey } from '../../protocol/keys/manager-key.ts';
import { RotationError } from '../../protocol/rotation/errors.ts';
import { requireCopyable } from '../../protocol/rotation/open-keys.ts';
import type { Aws } from '../aws/aws.ts';
import { readAdmin } from '../change/admin.ts';
import type { CommandPorts } from '../command-ports.ts';
import { catchKnown } from '../outcome/catch-known.ts';
import { type Failure, refused } from '../outcome/failure.ts';
import { DEFAULT_TRANSPORT } from '../terminal/options.ts';
import { connectAwsFor, endpointOptions, managerPorts, readClusterConnection } from '../terminal/read-options.ts';
import { printable } from '../terminal/text.ts';
import type { TemporaryKeys, TemporaryRotation } from './check.ts';
import { type Deployed, nameFor, refusalOf, type TemporaryNames } from './deployed.ts';
import { temporaryUsername } from './leftovers.ts';
import type { VerifyOptions } from './verify-definition.ts';

/** What the command is about to do, before any change. */
export interface Target
  extends TemporaryNames,
    Pick<TemporaryRotation, 'clusters' | 'transport' | 'admin' | 'keys' | 'direct' | 'stored'> {
  readonly deployed: Deployed;
  readonly endpoint: Endpoint;
}

/** Reads what the options name, and refuses what the function would refuse. Changes nothing. */
export async function readTarget(
  options: VerifyOptions,
  deployed: Deployed,
  aws: Aws,
  ports: CommandPorts,
): Promise<Target | Failure> {
  const endpoint = readEndpoint(options, deployed);
  if ('code' in endpoint) {
    return endpoint;
  }
  const names = nameFor(deployed, hex(ports).slice(-16));
  const refusal = 'code' in names ? names : await refusalOf(deployed, names, endpoint, aws);
  if ('code' in names || refusal !== undefined) {
    return refusal as Failure;
  }
  const { privateCa } = readClusterConnection(options, ports);
  const clusters = {
    grpc: ports.connectCluster({ transport: 'grpc', privateCa }),
    rest: ports.connectCluster({ transport: 'rest', privateCa }),
  };
  const transport = options.transport ?? DEFAULT_TRANSPORT;
  const base = { ...names, deployed, endpoint, clusters, transport };
  const credential = await readCredential(options, base, ports);
  return 'code' in credential ? credential : { ...base, ...credential };
}

type Credential = Pick<Target, 'admin' | 'keys' | 'direct' | 'stored'>;

type Base = Pick<Target, 'deployed' | 'endpoint' | 'clusters' | 'transport'>;

async function readCredential(options: VerifyOptions, base: Base, ports: CommandPorts): Promise<Credential | Failure> {
  const { endpoint, deployed } = base;
  if (options.adminSecret !== undefined) {
    const admin = await adminFor(options.adminSecret, endpoint, options, ports);
    const user = { endpoint, username: temporaryUsername(hex(ports)), password: ports.newPassword() };
    return 'code' in admin ? admin : { admin, keys: undefined, direct: user, stored: user };
  }
  if (options.users !== undefined) {
    const asked: Credentials[] = [];
    for (const username of options.users) {
      const user = await askFor(username, base, ports);
      if ('code' in user) {
        return user;
      }
      asked.push(user);
    }
    const [direct, stored] = asked as [Credentials, Credentials];
    return { admin: undefined, keys: undefined, direct, stored };
  }
  const keys = await keysOf(options, deployed, ports);
  const key: Credentials = { endpoint, username: '', password: '', form: 'api-key' };
  return 'code' in keys ? keys : { admin: undefined, keys, direct: key, stored: key };
}

export async function adminFor(
  adminSecret: string,
  endpoint: Endpoint,
  options: VerifyOptions,
  ports: CommandPorts,
): Promise<Admin | Failure> {
  const read = await readAdmin(adminSecret, endpoint, {
    endpoints: endpointOptions(options),
    adminStore: (id) => connectAwsFor(id, options, ports).store(id),
  });
  return 'code' in read ? read : read.admin;
}

/** The organization of the function's manager key. @throws SecretStoreError */
export async function organizationOf(
  options: VerifyOptions,
  { config }: Pick<Deployed, 'config'>,
  ports: CommandPorts,
): Promise<Omit<TemporaryKeys, 'like'> | Failure> {
  const { managerSecretArn, controlPlane } = config;
  if (managerSecretArn === undefined) {
    return refused(
      'no-manager',
      'The function has no manager secret, so it can create no API key.',
      'Nothing was changed. Add managerSecretArn to the configuration, and deploy it.',
    );
  }
  const { readSecret, connect } = managerPorts(options, ports);
  const organization = connect(readManagerKey(await readSecret(managerSecretArn)) ?? '', controlPlane);
  return { organization, stranger: connect(`verify-${hex(ports)}`, controlPlane) };
}

/** @throws SecretStoreError, ControlPlaneError */
async function keysOf(
  { like = '', ...options }: VerifyOptions,
  deployed: Deployed,
  ports: CommandPorts,
): Promise<TemporaryKeys | Failure> {
  const keys = await organizationOf(options, deployed, ports);
  if ('code' in keys) {
    return keys;
  }
  const find = async () => requireCopyable(await keys.organization.list(), like);
  const model = await catchKnown(find(), RotationError);
  return model instanceof RotationError
    ? refused('no-such-key', model.message, 'Nothing was changed. Give the id of another key as --like.')
    : { ...keys, like: model };
}

async function askFor(
  username: string,
  { endpoint, clusters, transport }: Base,
  { readPassword }: CommandPorts,
): Promise<Credentials | Failure> {
  if (isAdmin(username, undefined)) {
    return refused('admin-user', `${username} administers the cluster.`, 'Nothing was changed. Name another user.');
  }
  const password = await readPassword(printable(`Password of ${username} at ${endpoint.url}: `));
  const user = { endpoint, username, password: password ?? '' };
  return password && (await clusters[transport].authenticates(user)).kind === 'accepted'
    ? user
    : refused(
        'password-rejected',
        `${endpoint.url} does not accept the given password of ${username}.`,
        'Nothing was changed. Give both passwords at the prompt, or as lines on standard input.',
      );
}

/** @throws EndpointError */
function readEndpoint(options: VerifyOptions, { config }: Deployed): Endpoint | Failure {
  const { configured = config.defaultEndpoint, rules } = endpointOptions(options);
  if (configured === undefined) {
    return refused(
      'endpoint-needed',
      'No cluster is named.',
      'Nothing was changed. Give --endpoint https://host[:port].',
    );
  }
  return parseEndpoint(configured, rules);
}

function hex({ randomId }: Pick<CommandPorts, 'randomId'>): string {
  return randomId().replaceAll('-', '');
}
