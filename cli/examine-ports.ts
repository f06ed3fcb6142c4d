import { parseEndpoint } from '../protocol/cluster/endpoint.ts';
import { CONTROL_PLANE_HOSTS } from '../protocol/keys/control-plane.ts';
import { SecretStoreError } from '../protocol/secret/secret-store.ts';
import { AWSCURRENT, holderOf } from '../protocol/secret/versions.ts';
import type { CommandPorts } from './command-ports.ts';
import type { ExaminePorts } from './examine/examine-secret.ts';
import { createSameUserFinder } from './examine/find-same-user.ts';
import type { ManagerPorts } from './examine/keys.ts';
import type { ClusterOptions, ExamineOptions, SharedOptions } from './terminal/options.ts';
import { connectAwsFor, endpointOptions, readClusterConnection } from './terminal/read-options.ts';

/** The ports of all secrets, which share the connections to clusters. */
export type SharedExaminePorts = Omit<ExaminePorts, 'aws'>;

/**
 * What the options of a command say about the examination of secrets.
 *
 * @throws UsageError
 */
export function examinePorts(options: ExamineOptions, ports: CommandPorts): SharedExaminePorts {
  const connection = readClusterConnection(options, ports);
  const endpoints = endpointOptions(options);
  return {
    ...ports,
    privateCa: connection.privateCa,
    cluster: ports.connectCluster(connection),
    endpoints,
    findSameUser: createSameUserFinder(endpoints, ports.interrupted),
    manager: options.manager ? managerPorts(options, ports) : undefined,
  };
}

/**
 * Reads the secret of an admin or a manager.
 *
 * @returns `undefined` for a secret without a value
 * @throws SecretStoreError, which names this secret: the command is about another one
 */
export async function readCurrentText(
  secretId: string,
  options: SharedOptions,
  ports: Pick<CommandPorts, 'connectAws'>,
): Promise<string | undefined> {
  const store = connectAwsFor(secretId, options, ports).store(secretId);
  try {
    const currentId = holderOf(await store.describe(), AWSCURRENT);
    return currentId === undefined ? undefined : await store.read(currentId);
  } catch (error) {
    throw error instanceof SecretStoreError
      ? new SecretStoreError({ ...error, explanation: `the secret ${secretId} cannot be read. ${error.explanation}` })
      : error;
  }
}

/** Reads manager secrets, and asks the control planes to which a manager key may go. */
export function managerPorts(
  options: ClusterOptions & { readonly controlPlaneUrl?: string },
  ports: Pick<CommandPorts, 'connectAws' | 'connectControlPlane'>,
): ManagerPorts {
  const { rules } = endpointOptions(options);
  return ({ controlPlane }) => {
    if (controlPlane.url !== options.controlPlaneUrl) {
      parseEndpoint(controlPlane.url, { ...rules, allowed: [...rules.allowed, ...CONTROL_PLANE_HOSTS] });
    }
    return {
      readSecret: async (id) => (await readCurrentText(id, options, ports)) ?? '',
      connectControlPlane: (managerKey) => ports.connectControlPlane(managerKey, controlPlane),
    };
  };
}
