import type { IClusterSecretStore } from '@kubernetes-models/external-secrets/external-secrets.io/v1/ClusterSecretStore';
import type { IExternalSecret } from '@kubernetes-models/external-secrets/external-secrets.io/v1/ExternalSecret';
import type { ISecretStore } from '@kubernetes-models/external-secrets/external-secrets.io/v1/SecretStore';
import type { IDeployment } from 'kubernetes-models/apps/v1/Deployment';
import type { IServiceAccount } from 'kubernetes-models/v1/ServiceAccount';

/**
 * What a manifest of examples/kubernetes may contain, by apiVersion and kind. The packages are
 * generated from the Go types of Kubernetes 1.36 and of External Secrets Operator 0.16.2.
 */
export interface Kinds {
  'apps/v1 Deployment': IDeployment;
  'v1 ServiceAccount': IServiceAccount;
  'external-secrets.io/v1 ClusterSecretStore': IClusterSecretStore;
  'external-secrets.io/v1 ExternalSecret': IExternalSecret;
  'external-secrets.io/v1 SecretStore': ISecretStore;
  'secrets-store.csi.x-k8s.io/v1 SecretProviderClass': SecretProviderClass;
  /** The text `spec.parameters.objects` of a SecretProviderClass, parsed. */
  'objects of the AWS provider': readonly AwsObject[];
}

/** No package has this kind. Written after the CRD of Secrets Store CSI driver 1.6.0. */
interface SecretProviderClass {
  apiVersion: 'secrets-store.csi.x-k8s.io/v1';
  kind: 'SecretProviderClass';
  metadata: IServiceAccount['metadata'];
  spec: {
    provider: 'aws';
    parameters: {
      objects: string;
      region?: string;
      usePodIdentity?: 'true' | 'false';
    };
    secretObjects?: {
      secretName: string;
      type: 'Opaque';
      data: { objectName: string; key: string }[];
    }[];
  };
}

/** The fields that our examples use of the AWS provider, which ignores a misspelt field. */
interface AwsObject {
  objectName: string;
  objectType: 'secretsmanager';
  objectVersionLabel?: 'AWSCURRENT';
  objectAlias?: string;
  jmesPath?: { path: string; objectAlias: string }[];
}
