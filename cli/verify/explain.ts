import { ClusterUnavailableError } from '../../protocol/cluster/cluster.ts';
import { EndpointError } from '../../protocol/cluster/endpoint.ts';
import { ControlPlaneError } from '../../protocol/keys/control-plane.ts';
import { SecretStoreError } from '../../protocol/secret/secret-store.ts';
import { AwsError } from '../aws/aws-error.ts';
import { explainAwsError } from '../aws/explain-aws-error.ts';
import type { Explanation, Failure } from '../outcome/failure.ts';
import { FailureError } from '../outcome/failure-error.ts';

interface ExplainedError extends Explanation {
  /** Names no secret, host or account. */
  readonly brief: string;
}

/**
 * @param kind unless the error is a {@link FailureError}
 * @throws every error that is a fault of the command
 */
export function failureOf(error: unknown, kind: 'refused' | 'failed'): Failure {
  return error instanceof FailureError ? error.failure : { kind, ...explain(error) };
}

/** @throws every error that comes neither from AWS nor from the cluster or its control plane */
export function explain(error: unknown): ExplainedError {
  if (error instanceof AwsError || error instanceof SecretStoreError) {
    const explanation = explainAwsError(error);
    return { ...explanation, brief: `${error.action}: ${explanation.code}.` };
  }
  if (error instanceof ClusterUnavailableError) {
    const advice = 'Run the command on a machine that reaches the cluster.';
    const brief = `The cluster gives no usable answer: ${error.kind}.`;
    return { code: 'cluster-unavailable', message: error.message, advice, brief };
  }
  if (error instanceof ControlPlaneError) {
    const advice = 'Correct the manager secret, or the settings of the control plane, and run the command again.';
    const brief = `The control plane answers: ${error.kind}.`;
    return { code: 'control-plane', message: `${error.message}.`, advice, brief };
  }
  if (error instanceof EndpointError) {
    const advice =
      'Nothing was changed. Correct the endpoint, or allow its host: in allowedEndpoints for the function, and with --allow-endpoint HOST here.';
    return { code: 'endpoint-refused', message: error.message, advice, brief: 'The endpoint is refused.' };
  }
  throw error;
}
