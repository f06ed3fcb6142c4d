import type { LocalCloudAccess } from '../cloud/access.ts';
import { ORDERS, REPORTS, SEARCH } from './credentials.ts';

/** The rotation.yaml of the demo. */
export function configurationFor(
  { caFile, apiKeys }: LocalCloudAccess,
  managerSecretArn: string,
  apiKeyId: string,
): string {
  return `stackName: zilliz-rotation-demo
function:
  allowedEndpoints: [localhost, 127.0.0.1] # default: the domains of Zilliz Cloud
  caFile: ${JSON.stringify(caFile)} # the private authority of the cluster's certificate
  managerSecretArn: ${managerSecretArn} # holds the key that creates and deletes keys
  controlPlaneUrl: ${apiKeys.controlPlaneUrl} # default: Zilliz Cloud
  minimumGapMinutes: 0 # for how long a replaced key stays valid at least. Default: 120
secrets:
  - name: ${ORDERS.secretName}
    schedule: rate(30 days)
  - name: ${REPORTS.secretName}
    schedule: rate(30 days)
  - name: ${SEARCH.secretName}
    schedule: rate(30 days)
    endpoint: ${apiKeys.endpoint}
    apiKeyId: ${apiKeyId}
`;
}
