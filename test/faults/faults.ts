import { ClusterUnavailableError } from '../../cluster/cluster.ts';
import { parseEndpoint } from '../../cluster/endpoint.ts';
import type { RotationPorts } from '../../lambda/rotation/ports.ts';
import { SecretStoreError } from '../../secret/store.ts';
import { ENDPOINT } from '../support/rotation-world.ts';
import { aroundEachCall, type PortCall } from './port-calls.ts';

/** What can go wrong with one call. Each applies to Secrets Manager and to the cluster alike. */
export const FAULTS = [
  'fails before it happens',
  'happens and the answer is lost',
  'is throttled',
  'the process dies before it',
  'the process dies after it',
  'hangs until the deadline and never happens',
  'happens, and then hangs until the deadline',
] as const;

/** Faults that only a change of the password knows. */
export const FAULTS_OF_A_CHANGE = [
  'happens, and the answer is an error',
  'gets no answer, and happens after the invocation has ended',
] as const;

export type Fault = (typeof FAULTS)[number] | (typeof FAULTS_OF_A_CHANGE)[number];

/** Which call of an invocation, counted from 0, meets which fault. */
export type FaultPlan = ReadonlyMap<number, Fault>;

export interface Disturbance {
  /** Ends the invocation: nothing that it awaits is ever answered. */
  readonly die: () => void;
  /** Takes a request that is on its way and will arrive some time. */
  readonly arrivesLater: (call: PortCall, request: () => Promise<unknown>) => void;
  readonly onCall: (call: PortCall) => void;
  readonly plan: FaultPlan;
}

/** The same ports, disturbed as planned. */
export function disturbed(ports: RotationPorts, disturbance: Disturbance): RotationPorts {
  let count = 0;
  return aroundEachCall(ports, async (call, perform) => {
    const fault = disturbance.plan.get(count++);
    disturbance.onCall(call);
    return fault === undefined || !applies(fault, call)
      ? await perform()
      : await strike(fault, call, perform, ports, disturbance);
  });
}

function applies(fault: Fault, call: PortCall): boolean {
  return call.sends !== undefined || FAULTS.some((general) => general === fault);
}

async function strike<T>(
  fault: Fault,
  call: PortCall,
  perform: () => Promise<T>,
  { clock }: RotationPorts,
  { die, arrivesLater }: Disturbance,
): Promise<T> {
  const dead = (): Promise<never> => {
    die();
    return new Promise(() => undefined);
  };
  switch (fault) {
    case 'fails before it happens':
      throw failure(call, 'unreachable');
    case 'is throttled':
      throw failure(call, 'not-ready');
    case 'happens and the answer is lost':
      await perform();
      throw failure(call, 'no-answer');
    case 'happens, and the answer is an error':
      await perform();
      // Only planned for a change, whose answers have this shape.
      return { kind: 'refused', reason: 'unclear', answer: 'UnexpectedError 65535: cache refresh failed' } as T;
    case 'gets no answer, and happens after the invocation has ended':
      arrivesLater(call, perform);
      await clock.wait(Math.min(5000, clock.remaining()));
      throw failure(call, 'no-answer');
    case 'the process dies before it':
      return await dead();
    case 'the process dies after it':
      await perform();
      return await dead();
    case 'hangs until the deadline and never happens':
      await clock.wait(clock.remaining());
      return await dead();
    case 'happens, and then hangs until the deadline':
      await perform();
      await clock.wait(clock.remaining());
      return await dead();
  }
}

const CODES = { unreachable: 'ECONNREFUSED', 'not-ready': 'ThrottlingException', 'no-answer': 'TimeoutError' } as const;
const CLUSTER = parseEndpoint(ENDPOINT, { allowed: ['127.0.0.1'], allowPlaintext: false });

function failure({ port, name }: PortCall, kind: ClusterUnavailableError['kind']): Error {
  return port === 'cluster'
    ? new ClusterUnavailableError(kind, CLUSTER, `${name} was disturbed`)
    : new SecretStoreError({ action: name, code: CODES[kind], kind: 'unavailable', explanation: 'disturbed' });
}
