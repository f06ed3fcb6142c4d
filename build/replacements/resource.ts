/** Replaces a subclass of BaseClient. The requests about users need only the connection. */
export { BaseClient as Resource } from '@zilliz/milvus2-sdk-node/dist/milvus/grpc/BaseClient.js';
