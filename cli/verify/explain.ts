import { ClusterUnavailableError } from '../../protocol/cluster/cluster.ts';
import { EndpointError } from '../../protocol/cluster/endpoint.ts';
import { ControlPlaneError } from '../../protocol/keys/control-plane.ts';
import { SecretStoreError } from '../../protocol/secret/secret-store.ts';
import { AwsError } from '../aws/aws-error.ts';
import { failureOf as failureOfAws } from '../aws/explain-aws-error.ts';
import type { Failure } from '../outcome/failure.ts';

/**
 * @param kind unless the error is a FailureError
 * @throws every error that comes neither from AWS nor from the cluster or its control plane
 */
export function failureOf(error: unknown, kind: 'refused' | 'failed'): Failure {
  if (error instanceof ClusterUnavailableError) {
    const advice = 'Run the command on a machine that reaches the cluster.';
    return { kind, code: 'cluster-unavailable', message: error.message, advice };
  }
  if (error instanceof ControlPlaneError) {
    const advice = 'Correct the manager secret, or the settings of the control plane, and run the command again.';
    return { kind, code: 'control-plane', message: `${error.message}.`, advice };
  }
  if (error instanceof EndpointError) {
    const advice =
      'Nothing was changed. Correct the endpoint, or allow its host: in allowedEndpoints for the function, and with --allow-endpoint HOST here.';
    return { kind, code: 'endpoint-refused', message: error.message, advice };
  }
  return failureOfAws(error, kind);
}

/** Why a check decides nothing. Names no secret, host or account. @throws as {@link failureOf} */
export function briefOf(error: unknown): string {
  const { code } = failureOf(error, 'failed');
  if (error instanceof AwsError || error instanceof SecretStoreError) {
    return `${error.action}: ${code}.`;
  }
  const isOfCluster = error instanceof ClusterUnavailableError || error instanceof ControlPlaneError;
  return isOfCluster ? `${code}: ${error.kind}.` : `${code}.`;
}
