/** For applications whose Zilliz Cloud or Milvus password rotates in AWS Secrets Manager. */

export { EndpointError } from '../protocol/cluster/endpoint.ts';
export { DocumentError } from '../protocol/secret/document.ts';
export { SecretStoreError } from '../protocol/secret/secret-store.ts';
export type { Attempts } from './refresh/attempts.ts';
export type { CredentialCounters, CredentialEvent } from './refresh/credential-events.ts';
export { EndpointChangedError } from './refresh/credential-reader.ts';
export {
  createRotatingCredentials,
  type RotatingCredentials,
  type RotatingCredentialsOptions,
} from './refresh/rotating-credentials.ts';
export type { RefreshOptions } from './refresh/settings.ts';
export { createRotatingClient, type RotatingClientConfig, type RotatingClientOptions } from './rotating-client.ts';
export type { RotatingMilvusClient } from './rotating-milvus-client.ts';
export { type Credential, readCredential } from './source/credential.ts';
export type { SecretSource, SecretVersion, Stage } from './source/secret-source.ts';
export type { StoredCredential } from './source/stored-credential.ts';
