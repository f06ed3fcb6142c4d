import type { Admin, Cluster, Credentials } from '../../protocol/cluster/cluster.ts';
import { type Endpoint, parseEndpoint, TRANSPORTS, type Transport } from '../../protocol/cluster/endpoint.ts';
import type { ControlPlane, DescribedKey } from '../../protocol/keys/control-plane.ts';
import { readManagerKey } from '../../protocol/keys/manager-key.ts';
import { RotationError } from '../../protocol/rotation/errors.ts';
import { requireCopyable } from '../../protocol/rotation/open-keys.ts';
import type { Aws } from '../aws/aws.ts';
import { readAdmin } from '../change/admin.ts';
import type { AdminCluster } from '../cluster/admin-cluster.ts';
import type { CommandPorts } from '../command-ports.ts';
import { catchKnown } from '../outcome/catch-known.ts';
import { connectAwsFor, endpointOptions, managerPorts, readClusterConnection } from '../terminal/read-options.ts';
import { type Deployed, nameFor, type TemporaryNames } from './deployed.ts';
import { orEnd, refuse } from './explain.ts';
import { temporaryUsername } from './leftovers.ts';
import { askForUsers, type ClusterAt } from './throw-away-users.ts';
import type { VerifyOptions } from './verify-definition.ts';

/** What the command uses besides the target. */
export interface VerifyPorts extends Pick<CommandPorts, 'clock' | 'interrupted' | 'randomId' | 'newPassword'> {
  readonly aws: Aws;
  readonly adminCluster: AdminCluster;
}

/** An API key of the temporary secret, and the organization that has the key. */
export interface TemporaryKeys {
  readonly organization: ControlPlane;
  /** The organization, asked with another manager key. */
  readonly askedWith: (managerKey: string) => ControlPlane;
  readonly like: DescribedKey;
}

interface Credential {
  readonly admin: Admin | undefined;
  readonly keys: TemporaryKeys | undefined;
  /** The credential of the checks on the cluster. */
  readonly direct: Credentials;
  /** The credential in the secret. The same user, unless the operator names two users. */
  readonly stored: Credentials;
}

interface Base extends ClusterAt {
  readonly deployed: Deployed;
}

/** What the command is about to do, before any change. */
export interface Target extends TemporaryNames, Credential, Base {
  /** The cluster over each transport that is asked for. */
  readonly clusters: Map<Transport, Cluster>;
}

/**
 * Reads what the options name, and refuses what the function would refuse. Changes nothing.
 *
 * @throws FailureError, EndpointError, ClusterUnavailableError, SecretStoreError, ControlPlaneError
 */
export async function readTarget(
  options: VerifyOptions,
  deployed: Deployed,
  aws: Aws,
  ports: CommandPorts,
): Promise<Target> {
  const { configured = deployed.config.defaultEndpoint, rules } = endpointOptions(options);
  if (configured === undefined) {
    return refuse('endpoint-needed', 'No cluster is named.', 'Give --endpoint URL.');
  }
  const endpoint = parseEndpoint(configured, rules);
  parseEndpoint(endpoint.url, deployed.config.endpointRules);
  const names = nameFor(deployed, hex(ports).slice(-16));
  const connection = readClusterConnection(options, ports);
  const cluster = ports.connectCluster(connection);
  const transports = options.transport === undefined ? TRANSPORTS : [options.transport];
  const clusters = new Map(
    transports.map((transport) => [transport, ports.connectCluster({ ...connection, transport })]),
  );
  const base = { deployed, endpoint, cluster };
  return { ...names, ...base, clusters, ...(await readCredential(options, base, aws, ports)) };
}

/** The steps as sentences, before a yes. */
export function planOf(target: Target, { adminSecret, slow }: VerifyOptions): string[] {
  const { name, pinsName, endpoint, admin, keys, direct, stored, deployed } = target;
  const temporary =
    keys !== undefined
      ? `Create a temporary API key with the role and scope of ${keys.like.id}`
      : admin === undefined
        ? `Change the passwords of ${direct.username} and ${stored.username} at ${endpoint.url}, which nobody knows afterwards: drop both users`
        : `Create the user ${direct.username} without a role at ${endpoint.url}, with the credential in ${adminSecret}`;
  return [
    `Create the secret ${name}${pinsName === undefined ? '' : `, and ${pinsName} with its pins`}, with the tag zilliz:verify`,
    temporary,
    `Send wrong and forbidden requests to ${endpoint.url}, and ${keys === undefined ? 'change the password several times' : 'create and delete keys'}`,
    `Rotate the secret with ${deployed.functionArn}`,
    'Let a second rotation fail and be abandoned on purpose, which raises the alarms about both',
    ...(slow ? ['Wait up to an hour for retries and for CloudTrail'] : []),
    `Remove what was created: the secret${admin === undefined ? '' : ', the user'}${keys === undefined ? '' : ', the keys'}`,
  ];
}

/** @throws FailureError, SecretStoreError, ControlPlaneError, ClusterUnavailableError */
async function readCredential(options: VerifyOptions, base: Base, aws: Aws, ports: CommandPorts): Promise<Credential> {
  const { endpoint, deployed } = base;
  if (options.adminSecret !== undefined) {
    const admin = await adminFor(options.adminSecret, endpoint, options, ports);
    const user = { endpoint, username: temporaryUsername(hex(ports)), password: ports.newPassword() };
    return { admin, keys: undefined, direct: user, stored: user };
  }
  if (options.users !== undefined) {
    const [direct, stored] = await askForUsers(options.users, base, endpointOptions(options), aws, ports);
    return { admin: undefined, keys: undefined, direct, stored };
  }
  const keys = await organizationOf(options, deployed, ports);
  const find = async () => requireCopyable(await keys.organization.list(), options.like ?? '');
  const like = await catchKnown(find(), RotationError);
  if (like instanceof RotationError) {
    return refuse('no-such-key', like.message, 'Give the id of another key as --like.');
  }
  const key: Credentials = { endpoint, username: '', password: '', form: 'api-key' };
  return { admin: undefined, keys: { ...keys, like }, direct: key, stored: key };
}

/** @throws FailureError, SecretStoreError */
export async function adminFor(
  adminSecret: string,
  endpoint: Endpoint,
  options: VerifyOptions,
  ports: CommandPorts,
): Promise<Admin> {
  const read = await readAdmin(adminSecret, endpoint, {
    endpoints: endpointOptions(options),
    adminStore: (id) => connectAwsFor(id, options, ports).store(id),
  });
  return orEnd(read).admin;
}

/** The organization of the function's manager key. @throws FailureError, SecretStoreError */
export async function organizationOf(
  options: VerifyOptions,
  { config }: Pick<Deployed, 'config'>,
  ports: CommandPorts,
): Promise<Omit<TemporaryKeys, 'like'>> {
  const { managerSecretArn, controlPlane } = config;
  if (managerSecretArn === undefined) {
    return refuse(
      'no-manager',
      'The function has no manager secret, so it can create no API key.',
      'Add managerSecretArn to the configuration, and deploy it.',
    );
  }
  const { readSecret, connect } = managerPorts(options, ports);
  const askedWith = (managerKey: string) => connect(managerKey, controlPlane);
  return { organization: askedWith(readManagerKey(await readSecret(managerSecretArn)) ?? ''), askedWith };
}

function hex({ randomId }: Pick<CommandPorts, 'randomId'>): string {
  return randomId().replaceAll('-', '');
}
