import type { Credentials } from '../../protocol/cluster/cluster.ts';
import type { ControlPlane } from '../../protocol/keys/control-plane.ts';
import type { RotationPorts } from '../../protocol/rotation/ports.ts';

/** One call of a rotation to another system. */
export interface PortCall {
  readonly port: 'Secrets Manager' | 'cluster' | 'control plane' | 'EventBridge';
  /** The API's name of the action or of the RPC. */
  readonly name: string;
  /** The new password, if the call changes the password. */
  readonly newPassword?: string;
  /** The credential of the call, if the call is a login. */
  readonly login?: Credentials;
  /** The user whose password the call changes. */
  readonly username?: string;
}

/** Handles one call. It may call `perform`, which makes the real call, or leave the call out. */
export type Interceptor = <T>(call: PortCall, perform: () => Promise<T>) => Promise<T>;

/** Returns the ports with an interceptor of every call. */
export function interceptCalls(ports: RotationPorts, intercept: Interceptor): RotationPorts {
  const { store, cluster, readSecret, connectControlPlane, sendRotated } = ports;
  const secretsManager = <T>(name: string, perform: () => Promise<T>): Promise<T> =>
    intercept({ port: 'Secrets Manager', name }, perform);
  const change = <T>(username: string, newPassword: string, perform: () => Promise<T>): Promise<T> =>
    intercept({ port: 'cluster', name: 'updatePassword', username, newPassword }, perform);
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
        intercept({ port: 'cluster', name: 'describeUser', login: credentials }, () =>
          cluster.authenticates(credentials),
        ),
      changePassword: (credentials, next) =>
        change(credentials.username, next, () => cluster.changePassword(credentials, next)),
      resetPassword: (admin, username, next) =>
        change(username, next, () => cluster.resetPassword(admin, username, next)),
    },
    readSecret: (secretArn) => secretsManager('GetSecretValue', () => readSecret(secretArn)),
    connectControlPlane: async (managerKey) => withInterceptor(await connectControlPlane(managerKey), intercept),
    sendRotated: (event, timeoutMs) =>
      intercept({ port: 'EventBridge', name: 'PutEvents' }, () => sendRotated(event, timeoutMs)),
  };
}

function withInterceptor(controlPlane: ControlPlane, intercept: Interceptor): ControlPlane {
  const call = <T>(name: string, perform: () => Promise<T>): Promise<T> =>
    intercept({ port: 'control plane', name }, perform);
  return {
    list: () => call('GET', () => controlPlane.list()),
    create: (key) => call('POST', () => controlPlane.create(key)),
    delete: (id) => call('DELETE', () => controlPlane.delete(id)),
  };
}
