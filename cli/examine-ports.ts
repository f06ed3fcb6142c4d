import type { CommandPorts } from './command-ports.ts';
import { createSameUserFinder } from './examine/find-same-user.ts';
import type { ClusterOptions, ManagerOptions } from './terminal/options.ts';
import { endpointOptions, managerPorts, readClusterConnection } from './terminal/read-options.ts';

/**
 * What the options of a command say about the examination of secrets.
 *
 * @throws UsageError
 */
export function examinePorts(options: ClusterOptions & ManagerOptions, ports: CommandPorts) {
  const connection = readClusterConnection(options, ports);
  const endpoints = endpointOptions(options);
  return {
    privateCa: connection.privateCa,
    cluster: ports.connectCluster(connection),
    endpoints,
    findSameUser: createSameUserFinder(endpoints, ports.interrupted),
    manager: options.manager ? managerPorts(options, ports) : undefined,
  };
}
