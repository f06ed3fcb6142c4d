import { ClusterUnavailableError } from '../../protocol/cluster/cluster.ts';
import { EndpointError } from '../../protocol/cluster/endpoint.ts';
import { ControlPlaneError } from '../../protocol/keys/control-plane.ts';
import { SecretStoreError } from '../../protocol/secret/secret-store.ts';
import { AwsError } from '../aws/aws-error.ts';
import { explainAwsError } from '../aws/explain-aws-error.ts';
import type { Explanation } from '../outcome/failure.ts';

interface ExplainedError extends Explanation {
  /** Names no secret, host or account. */
  readonly brief: string;
}

/** @throws every error that comes neither from AWS nor from the cluster or its control plane */
export function failureOf(error: unknown): ExplainedError {
  if (error instanceof ClusterUnavailableError) {
    return {
      code: 'cluster-unavailable',
      message: error.message,
      advice: 'Run the command on a machine that reaches the cluster.',
      brief: `The cluster gives no usable answer: ${error.kind}.`,
    };
  }
  if (error instanceof ControlPlaneError) {
    return {
      code: 'control-plane',
      message: `${error.message}.`,
      advice: 'Correct the manager secret, or the settings of the control plane, and run the command again.',
      brief: `The control plane answers: ${error.kind}.`,
    };
  }
  if (error instanceof EndpointError) {
    return {
      code: 'endpoint-refused',
      message: error.message,
      advice:
        'Nothing was changed. Correct the endpoint, or allow its host: in allowedEndpoints for the function, and with --allow-endpoint HOST here.',
      brief: 'The endpoint is refused.',
    };
  }
  const brief =
    error instanceof AwsError
      ? `${error.action}: ${error.kind}.`
      : error instanceof SecretStoreError
        ? `${error.action}: ${error.code}.`
        : '';
  return { ...explainAwsError(error), brief };
}
