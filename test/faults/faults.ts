import type { WorkerMemory } from '../../lambda/worker-memory.ts';
import { ClusterUnavailableError } from '../../protocol/cluster/cluster.ts';
import { parseEndpoint } from '../../protocol/cluster/endpoint.ts';
import { ControlPlaneError } from '../../protocol/keys/control-plane.ts';
import type { FailureCode } from '../../protocol/rotation/failures.ts';
import type { RotationPorts } from '../../protocol/rotation/ports.ts';
import type { runStep } from '../../protocol/rotation/rotation.ts';
import type { RotationRequest } from '../../protocol/rotation/rotation-request.ts';
import { SecretStoreError } from '../../protocol/secret/secret-store.ts';
import { ENDPOINT } from '../support/rotation-world.ts';
import { interceptCalls, type PortCall } from './port-calls.ts';

/** The faults of any call. A call takes effect if the cluster or Secrets Manager performs it. */
export const FAULTS = [
  'fails without effect',
  'takes effect and loses its answer',
  'is throttled',
  'is denied',
  'the process dies before the call',
  'the process dies after the call',
  'hangs until the deadline without effect',
  'takes effect and hangs until the deadline',
] as const;

/** The additional faults of a call that changes the password. */
export const CHANGE_FAULTS = [
  'takes effect and answers an error',
  'gets no answer and takes effect after the invocation',
] as const;

/** The additional fault of a call to the cluster: a proxy loses its root coordinator. */
export const CLUSTER_FAULT = 'from here on, the cluster rejects every login of the invocation' as const;

export type Fault = (typeof FAULTS)[number] | (typeof CHANGE_FAULTS)[number] | typeof CLUSTER_FAULT;

/** The faults of one invocation, by the index of the call, counted from 0. */
export type FaultPlan = ReadonlyMap<number, Fault>;

interface FaultInjection {
  readonly plan: FaultPlan;
  readonly onCall: (call: PortCall) => void;
  /** A proxy rejects the login of the call without asking the cluster. */
  readonly onRejection?: (call: PortCall) => void;
  /** Ends the invocation. Its pending calls never return. */
  readonly kill: () => void;
  /** Keeps a change that reaches the cluster only after the invocation. */
  readonly delay?: (call: PortCall, perform: () => Promise<unknown>) => void;
}

export type Protocol = typeof runStep;

/** How an invocation ended for Secrets Manager. `killed`: no answer and no error. */
export type InvocationResult =
  | { kind: 'done'; outcome: string }
  | { kind: 'failed'; code: FailureCode }
  | { kind: 'killed' };

/** Runs one step in a worker, with faults at some of its calls. */
export async function invokeStep(
  protocol: Protocol,
  { step, token, secretId }: Omit<RotationRequest, 'rotationToken'>,
  worker: WorkerMemory,
  ports: RotationPorts,
  injection: Omit<FaultInjection, 'kill'>,
): Promise<InvocationResult> {
  const death = Promise.withResolvers<InvocationResult>();
  const request = { step, token, secretId, rotationToken: undefined };
  const faulty = withFaults(ports, { ...injection, kill: () => death.resolve({ kind: 'killed' }) });
  const work = worker
    .duringStep(request, faulty.store, (store) => protocol(request, { ...faulty, store }))
    .then(
      (outcome): InvocationResult => ({ kind: 'done', outcome }),
      (error: { code: FailureCode }): InvocationResult => ({ kind: 'failed', code: error.code }),
    );
  return await Promise.race([work, death.promise]);
}

function withFaults(ports: RotationPorts, injection: FaultInjection): RotationPorts {
  let index = 0;
  let rejectsEveryLogin = false;
  return interceptCalls(ports, async (call, perform) => {
    const fault = injection.plan.get(index++);
    injection.onCall(call);
    if (call.port === 'cluster' && (rejectsEveryLogin || fault === CLUSTER_FAULT)) {
      rejectsEveryLogin = true;
      injection.onRejection?.(call);
      return reject(call);
    }
    return fault === undefined || !applies(fault, call)
      ? await perform()
      : await inject(fault, call, perform, ports, injection);
  });
}

function applies(fault: Fault, call: PortCall): fault is Exclude<Fault, typeof CLUSTER_FAULT> {
  return fault !== CLUSTER_FAULT && (call.newPassword !== undefined || FAULTS.some((general) => general === fault));
}

async function inject<T>(
  fault: Exclude<Fault, typeof CLUSTER_FAULT>,
  call: PortCall,
  perform: () => Promise<T>,
  { clock }: RotationPorts,
  { kill, delay }: FaultInjection,
): Promise<T> {
  const die = (): Promise<never> => {
    kill();
    return new Promise(() => undefined);
  };
  switch (fault) {
    case 'fails without effect':
      return fail(call, 'unreachable');
    case 'is throttled':
      return fail(call, 'not-ready');
    case 'is denied':
      return deny(call);
    case 'takes effect and loses its answer':
      await perform();
      return fail(call, 'no-answer');
    case 'takes effect and answers an error':
      await perform();
      // The cast is safe, because this fault applies only to changes of the password.
      return { kind: 'refused', reason: 'unclear', answer: 'UnexpectedError 65535: cache refresh failed' } as T;
    case 'gets no answer and takes effect after the invocation':
      delay?.(call, perform);
      await clock.wait(Math.min(5000, clock.remaining()));
      return fail(call, 'no-answer');
    case 'the process dies before the call':
      return await die();
    case 'the process dies after the call':
      await perform();
      return await die();
    case 'hangs until the deadline without effect':
      await clock.wait(clock.remaining());
      return await die();
    case 'takes effect and hangs until the deadline':
      await perform();
      await clock.wait(clock.remaining());
      return await die();
  }
}

const CODES = { unreachable: 'ECONNREFUSED', 'not-ready': 'ThrottlingException', 'no-answer': 'TimeoutError' } as const;
const CLUSTER = parseEndpoint(ENDPOINT, { allowed: ['127.0.0.1'], allowPlaintext: false });

/** Fails as the ports do: a change returns `lost`, and every other call throws. */
function fail<T>({ port, name, newPassword }: PortCall, kind: ClusterUnavailableError['kind']): T {
  if (port === 'control plane') {
    throw new ControlPlaneError('unavailable', `injected fault in ${name}`);
  }
  if (port !== 'cluster') {
    throw new SecretStoreError({ action: name, code: CODES[kind], kind: 'unavailable', explanation: 'injected fault' });
  }
  const failure = new ClusterUnavailableError(kind, CLUSTER, `injected fault in ${name}`);
  if (newPassword === undefined) {
    throw failure;
  }
  return { kind: 'lost', answer: failure.message } as T;
}

/** Rejects the login as the cluster does. */
function reject<T>({ newPassword }: PortCall): T {
  const answer = 'gRPC 16: injected fault';
  return (
    newPassword === undefined ? { kind: 'rejected' } : { kind: 'refused', reason: 'unauthenticated', answer }
  ) as T;
}

/** Denies as the ports do: Secrets Manager throws, and the cluster answers `forbidden`. */
function deny<T>({ port, name, newPassword }: PortCall): T {
  if (port === 'control plane') {
    throw new ControlPlaneError('forbidden', `injected fault in ${name}`);
  }
  if (port !== 'cluster') {
    const details = { action: name, code: 'AccessDeniedException', explanation: 'injected fault' };
    throw new SecretStoreError({ ...details, kind: 'denied' });
  }
  const answer = 'gRPC 7: injected fault';
  return (newPassword === undefined ? { kind: 'forbidden' } : { kind: 'refused', reason: 'forbidden', answer }) as T;
}
