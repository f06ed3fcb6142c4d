/** For applications whose Zilliz Cloud or Milvus password rotates in AWS Secrets Manager. */

import './node-version.ts';

export { EndpointError } from '../protocol/cluster/endpoint.ts';
export { DocumentError } from '../protocol/secret/document.ts';
export { SecretStoreError } from '../protocol/secret/secret-store.ts';
export { type Credential, readCredential, type VersionedCredential } from './credential.ts';
export type { CredentialCounters, CredentialEvent } from './credential-events.ts';
export type { CredentialSource, SecretsManagerLike, SecretVersion, Stage } from './credential-source.ts';
export type { RefusalTest } from './milvus-token.ts';
export type { RotatingCredentialsOptions } from './options.ts';
export {
  createRotatingClient,
  type RotatingClientConfig,
  type RotatingClientOptions,
  type RotatingMilvusClient,
} from './rotating-client.ts';
export { createRotatingCredentials, type RotatingCredentials } from './rotating-credentials.ts';
export { EndpointChangedError } from './version-reader.ts';
