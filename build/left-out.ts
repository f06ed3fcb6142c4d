/** Modules that the bundle of a function does not contain, because nothing there uses them. */
export interface LeftOut {
  /** The folder of the modules, relative to node_modules. */
  readonly folder: string;
  /** The files, relative to `folder`. */
  readonly modules: readonly string[];
  readonly reason: string;
  /**
   * A module of build/replacements. It exports what other modules read while the bundle is loaded.
   * A read of any other export throws.
   *
   * @default `exports`
   */
  readonly replacement?: string;
  /**
   * A JavaScript object with these exports, where one expression is enough. @default no exports
   */
  readonly exports?: string;
}

const MILVUS_SDK = '@zilliz/milvus2-sdk-node/dist/milvus';
const GRPC = '@grpc/grpc-js/build/src';

const MILVUS_SDK_MODULES: readonly LeftOut[] = [
  {
    folder: MILVUS_SDK,
    modules: ['bulkwriter/index.js'],
    reason: 'writes files of rows for an import; brings parquetjs, the S3 client and thrift',
  },
  {
    folder: MILVUS_SDK,
    modules: ['grpc/Resource.js'],
    reason: 'the base class of the requests about users; its chain of base classes holds the requests about data',
    // The requests about users need only the connection.
    exports: `{ Resource: require('${MILVUS_SDK}/grpc/BaseClient.js').BaseClient }`,
  },
  {
    folder: MILVUS_SDK,
    modules: ['utils/logger.js'],
    reason: 'prints requests, passwords included, at debug level; brings winston',
    replacement: 'logger.ts',
  },
  {
    folder: MILVUS_SDK,
    modules: ['telemetry/index.js'],
    reason: 'reports searches and inserts to the cluster; switched off in our options',
    replacement: 'telemetry.ts',
  },
  {
    folder: MILVUS_SDK,
    modules: ['const/milvus.js'],
    reason: 'names and numbers of types, indexes and privileges',
    replacement: 'milvus-constants.ts',
  },
  {
    folder: MILVUS_SDK,
    modules: ['Bytes', 'BloomFilter', 'Data', 'RoaringFilter', 'Schema', 'Search', 'SearchAggregation'].map(
      (name) => `utils/${name}.js`,
    ),
    reason: 'convert rows, schemas and searches',
  },
  {
    folder: MILVUS_SDK,
    modules: ['utils/GlobalTopology.js'],
    reason: 'asks a global endpoint for its clusters; switched off in our options, because it sends the credential on',
  },
  { folder: '@opentelemetry/api/dist', modules: ['index.cjs'], reason: 'traces requests; switched off by default' },
  { folder: 'dayjs', modules: ['dayjs.min.js'], reason: 'formats the local time for the request Connect' },
];

const GRPC_MODULES: readonly LeftOut[] = [
  {
    folder: GRPC,
    modules: ['server.js', 'server-credentials.js', 'server-interceptors.js', 'admin.js'],
    reason: 'a server',
  },
  {
    folder: GRPC,
    modules: ['experimental.js'],
    reason: 'exports for plug-ins such as xDS',
  },
  {
    folder: GRPC,
    modules: ['orca.js', 'single-subchannel-channel.js'],
    reason: 'load reports of servers, for the weighted balancing that is left out, too',
  },
  {
    folder: GRPC,
    modules: ['load-balancer-outlier-detection.js', 'load-balancer-weighted-round-robin.js'],
    reason: 'only a service configuration selects them, and our options switch off its lookup',
    exports: '{ setup() {} }',
  },
  {
    folder: GRPC,
    modules: ['channelz.js'],
    reason: 'statistics for a server that shows them; brings ordered-map',
    replacement: 'channelz.ts',
  },
  {
    folder: 'long',
    modules: ['umd/index.js'],
    reason: 'integers of 64 bits; no answer has one, and no request of a rotation sets one',
  },
  {
    folder: '@grpc/proto-loader/build/src',
    modules: ['index.js'],
    reason: 'makes services from definitions; the definitions are compiled when the function is built',
    replacement: 'proto-loader.ts',
  },
  {
    folder: 'protobufjs',
    modules: ['index.js'],
    reason: 'reads definitions; the compiled ones need the minimal edition only',
    // The SDK makes two objects of this class for each client. Only rows and schemas need them.
    exports: '{ Root: { fromJSON() {} } }',
  },
];

const SMITHY = '@smithy/core/dist-es/submodules';

const AWS_SDK_MODULES: readonly LeftOut[] = [
  {
    folder: SMITHY,
    modules: ['event-streams/index.js'],
    reason: 'streams of events, which Secrets Manager does not have',
  },
  {
    folder: `${SMITHY}/checksum`,
    modules: ['crc32/Crc32Js.js', 'crc32/Crc32Node.js', 'sha256/Sha256Js.js'],
    reason: 'checksums of streams of events; SHA-256 for a Node without OpenSSL',
  },
  {
    folder: `${SMITHY}/config/shared-ini-file-loader`,
    modules: ['loadSharedConfigFiles.js'],
    reason: "a developer's files of settings; Lambda gives settings in the environment",
    replacement: 'shared-config-files.ts',
  },
  {
    folder: '@aws-sdk',
    modules: ['ini', 'process', 'sso', 'web-identity'].map(
      (source) => `credential-provider-${source}/dist-es/index.js`,
    ),
    reason: 'credentials of a developer or of a cluster of containers; Lambda gives them by environment or HTTP',
    replacement: 'credential-provider.ts',
  },
];

export const LEFT_OUT: readonly LeftOut[] = [...MILVUS_SDK_MODULES, ...GRPC_MODULES, ...AWS_SDK_MODULES];
