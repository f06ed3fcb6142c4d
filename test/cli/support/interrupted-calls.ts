import type { AdminAnswer } from '../../../cli/cluster/admin-cluster.ts';
import { type Change, ClusterUnavailableError } from '../../../protocol/cluster/cluster.ts';
import { type Endpoint, parseEndpoint } from '../../../protocol/cluster/endpoint.ts';
import { type SecretStore, SecretStoreError } from '../../../protocol/secret/secret-store.ts';
import { awsErrorOf } from '../../support/aws-errors.ts';
import type { Fixture } from './command-fixture.ts';
import { ENDPOINT, HOST } from './rotations.ts';

export const INTERRUPTIONS = ['dies before', 'dies after', 'fails before', 'loses the answer of'] as const;

export type Interruption = (typeof INTERRUPTIONS)[number];

const STORE_METHODS = ['describe', 'put', 'promote', 'addLabel', 'removeLabel', 'list', 'read'] as const;

type Port = 'aws' | 'store' | 'cluster' | 'admin';

const CLUSTER: Endpoint = parseEndpoint(ENDPOINT, { allowed: [HOST], allowPlaintext: false });

/**
 * Interrupts the command at one call to AWS or the cluster.
 *
 * @param index of the call, counted from 0. A dead process makes no further call.
 * @param onCall called before each call, with its arguments
 * @returns the names of all calls, and a function that lets the next command make every call
 */
export function interruptAt(
  fixture: Fixture,
  index: number,
  interruption: Interruption,
  onCall: (args: readonly unknown[]) => void = () => undefined,
): { readonly calls: string[]; readonly restore: () => void } {
  const calls: string[] = [];
  let active = true;
  let dead = false;
  const intercept: Intercept = async (port, name, args, perform) => {
    if (dead) {
      throw new Error('the process is dead');
    }
    onCall(args);
    if (!active || calls.push(name) - 1 !== index) {
      return await perform();
    }
    if (interruption === 'dies after' || interruption === 'loses the answer of') {
      await perform();
    }
    if (interruption.startsWith('dies')) {
      dead = true;
      throw new Error('the process died');
    }
    return failCall(port, name);
  };
  const { aws, cluster, adminCluster } = fixture;
  wrap(aws.rotation, 'aws', intercept, ['describeSecret', 'createSecret', 'startRotation', 'listSecrets']);
  wrap(cluster, 'cluster', intercept, ['authenticates', 'resetPassword']);
  wrap(adminCluster, 'admin', intercept, ['describeUser', 'createUser', 'grantRole']);
  const { store } = aws;
  // The wrapped methods belong to an object of their own, so the fake of the store stays as it is.
  aws.store = (id) => wrap(Object.create(store(id)) as SecretStore, 'store', intercept, STORE_METHODS);
  return {
    calls,
    restore: () => {
      active = false;
      dead = false;
    },
  };
}

type Intercept = <T>(port: Port, name: string, args: readonly unknown[], perform: () => T | Promise<T>) => Promise<T>;

function wrap<T extends object>(target: T, port: Port, intercept: Intercept, names: readonly (keyof T & string)[]): T {
  for (const name of names) {
    const method = (target[name] as (...args: unknown[]) => unknown).bind(target);
    Object.assign(target, { [name]: (...args: unknown[]) => intercept(port, name, args, () => method(...args)) });
  }
  return target;
}

/** Fails as the ports do: a change of an admin returns `lost`, and every other call throws. */
function failCall<T>(port: Port, name: string): T {
  switch (port) {
    case 'aws':
      throw awsErrorOf('unreachable', name);
    case 'store':
      throw new SecretStoreError({ action: name, code: 'TimeoutError', kind: 'unavailable', explanation: 'injected' });
    case 'admin':
      if (name !== 'describeUser') {
        return { kind: 'lost', answer: 'injected' } satisfies AdminAnswer as T;
      }
      throw new ClusterUnavailableError('no-answer', CLUSTER, 'injected');
    case 'cluster':
      if (name === 'resetPassword') {
        return { kind: 'lost', answer: 'injected' } satisfies Change as T;
      }
      throw new ClusterUnavailableError('no-answer', CLUSTER, 'injected');
  }
}
