import type { Cluster } from '../../protocol/cluster/cluster.ts';
import { parseEndpoint, TRANSPORTS, type Transport } from '../../protocol/cluster/endpoint.ts';
import { refuse } from '../outcome/failure-error.ts';
import { endpointOptions, readClusterConnection } from '../terminal/read-options.ts';
import { readCreatedUser } from './created-user.ts';
import { nameFor, type TemporaryNames } from './deployed.ts';
import { hexDigits, type Setup, type TemporaryCredential } from './temporary-credential.ts';
import { readTemporaryKey } from './temporary-key.ts';
import { readThrowAwayUsers } from './throw-away-users.ts';
import type { VerifyOptions } from './verify-definition.ts';

/** What the command is about to do, before any change. */
export interface Target extends TemporaryNames, TemporaryCredential, Pick<Setup, 'deployed' | 'endpoint' | 'cluster'> {
  /** The cluster over each transport that is asked for. */
  readonly clusters: Map<Transport, Cluster>;
}

/**
 * Reads what the options name, and refuses what the function would refuse. Changes nothing.
 *
 * @throws FailureError, EndpointError, ClusterUnavailableError, SecretStoreError, ControlPlaneError
 */
export async function readTarget(known: Omit<Setup, 'endpoint' | 'cluster'>): Promise<Target> {
  const { options, ports, deployed } = known;
  const { adminSecret, users, like = '', transport: only } = options;
  const { configured = deployed.config.defaultEndpoint, rules } = endpointOptions(options);
  if (configured === undefined) {
    return refuse('endpoint-needed', 'No cluster is named.', 'Give --endpoint URL.');
  }
  const endpoint = parseEndpoint(configured, rules);
  parseEndpoint(endpoint.url, deployed.config.endpointRules);
  const names = nameFor(deployed, hexDigits(ports, 16));
  const connection = readClusterConnection(options, ports);
  const cluster = ports.connectCluster(connection);
  const transports = only === undefined ? TRANSPORTS : [only];
  const clusters = new Map(
    transports.map((transport) => [transport, ports.connectCluster({ ...connection, transport })]),
  );
  const setup = { ...known, endpoint, cluster };
  const credential =
    adminSecret !== undefined
      ? await readCreatedUser(adminSecret, setup)
      : users !== undefined
        ? await readThrowAwayUsers(users, setup)
        : await readTemporaryKey(like, setup);
  return { ...names, deployed, endpoint, cluster, clusters, ...credential };
}

/** The steps as sentences, before a yes. */
export function planOf(target: Target, { slow }: VerifyOptions): string[] {
  const { name, pinsName, endpoint, deployed, creation, admin, keys } = target;
  return [
    `Create the secret ${name}${pinsName === undefined ? '' : `, and ${pinsName} with its pins`}, with the tag zilliz:verify`,
    creation,
    `Send wrong and forbidden requests to ${endpoint.url}, and ${keys ? 'create and delete keys' : 'change the password several times'}`,
    `Rotate the secret with ${deployed.functionArn}`,
    'Let other rotations fail on purpose, which raises the alarms about failed and abandoned rotations',
    ...(slow ? ['Wait up to an hour for retries and for CloudTrail'] : []),
    `Remove what was created: the secret${admin ? ', the user' : ''}${keys ? ', the keys' : ''}`,
  ];
}
