import type { RotationPorts } from '../../lambda/rotation/ports.ts';

/** One call that a rotation makes outside itself. */
export interface PortCall {
  readonly port: 'Secrets Manager' | 'cluster';
  /** In the words of the API: the action, or the RPC. */
  readonly name: string;
  /** The new password that a change carries. */
  readonly sends?: string;
}

/** Stands between the caller of a port and the port: may act before, instead and after. */
export type Around = <T>(call: PortCall, perform: () => Promise<T>) => Promise<T>;

/** The same ports, with every call to Secrets Manager and to the cluster going through `around`. */
export function aroundEachCall(ports: RotationPorts, around: Around): RotationPorts {
  const { store, cluster, readAdmin } = ports;
  const secretsManager = <T>(name: string, perform: () => Promise<T>): Promise<T> =>
    around({ port: 'Secrets Manager', name }, perform);
  const change = <T>(sends: string, perform: () => Promise<T>): Promise<T> =>
    around({ port: 'cluster', name: 'updatePassword', sends }, perform);
  return {
    ...ports,
    store: {
      describe: () => secretsManager('DescribeSecret', () => store.describe()),
      read: (versionId) => secretsManager('GetSecretValue', () => store.read(versionId)),
      list: () => secretsManager('ListSecretVersionIds', () => store.list()),
      put: (version) => secretsManager('PutSecretValue', () => store.put(version)),
      promote: (move) => secretsManager('UpdateSecretVersionStage', () => store.promote(move)),
      addLabel: (label) => secretsManager('UpdateSecretVersionStage', () => store.addLabel(label)),
      removeLabel: (label) => secretsManager('UpdateSecretVersionStage', () => store.removeLabel(label)),
    },
    cluster: {
      authenticates: (credentials) =>
        around({ port: 'cluster', name: 'describeUser' }, () => cluster.authenticates(credentials)),
      changePassword: (credentials, next) => change(next, () => cluster.changePassword(credentials, next)),
      resetPassword: (admin, username, next) => change(next, () => cluster.resetPassword(admin, username, next)),
    },
    readAdmin: readAdmin && (() => secretsManager('GetSecretValue', readAdmin)),
  };
}
