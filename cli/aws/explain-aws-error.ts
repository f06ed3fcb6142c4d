import { ClusterUnavailableError } from '../../protocol/cluster/cluster.ts';
import { EndpointError } from '../../protocol/cluster/endpoint.ts';
import { ControlPlaneError } from '../../protocol/keys/control-plane.ts';
import { SecretStoreError } from '../../protocol/secret/secret-store.ts';
import { type Explanation, type Failure, FailureError } from '../outcome/failure.ts';
import { ASK_FOR_PERMISSION, AwsError } from './aws-error.ts';

/** @throws every error that does not come from AWS */
export function explainAwsError(error: unknown): Explanation {
  if (error instanceof AwsError) {
    return { code: error.kind, message: error.message, advice: error.advice };
  }
  if (error instanceof SecretStoreError) {
    return {
      code: error.code,
      message: error.message,
      advice: adviceOn(error),
    };
  }
  throw error;
}

/**
 * @param kind unless the error is a {@link FailureError}
 * @throws every error that comes neither from AWS nor from the cluster or its control plane
 */
export function failureOf(error: unknown, kind: 'refused' | 'failed'): Failure {
  return error instanceof FailureError
    ? error.failure
    : { kind, ...(explainClusterError(error) ?? explainAwsError(error)) };
}

function explainClusterError(error: unknown): Explanation | undefined {
  if (error instanceof ClusterUnavailableError) {
    const advice = 'Run the command on a machine that reaches the cluster.';
    return { code: 'cluster-unavailable', message: error.message, advice };
  }
  if (error instanceof ControlPlaneError) {
    const advice = 'Correct the manager secret, or the settings of the control plane, and run the command again.';
    return { code: 'control-plane', message: `${error.message}.`, advice };
  }
  if (error instanceof EndpointError) {
    const advice =
      'Nothing was changed. Correct the endpoint. If the cluster is your own, allow its host: in allowedEndpoints for the function, and with --allow-endpoint HOST here.';
    return { code: 'endpoint-refused', message: error.message, advice };
  }
  return undefined;
}

function adviceOn({ kind, code }: SecretStoreError): string {
  switch (kind) {
    case 'denied':
      return ASK_FOR_PERMISSION;
    case 'unavailable':
      return 'Check the network, then repeat the command.';
    case 'refused':
      return code === 'LimitExceededException'
        ? 'Remove a staging label of your own from the secret, then repeat the command.'
        : 'Remove the cause that AWS names, then repeat the command.';
  }
}
