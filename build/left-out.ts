import { join, resolve } from 'node:path';
import type { Plugin } from 'esbuild';

const MODULES = resolve(import.meta.dirname, '..', 'node_modules');
const REPLACEMENTS = join(import.meta.dirname, 'replacements');

/** Modules that the bundle of a function does not contain, because no rotation uses them. */
interface LeftOut {
  /** The folder of the modules, relative to node_modules. */
  readonly folder: string;
  /** The files, relative to `folder`. */
  readonly modules: readonly string[];
  readonly reason: string;
  /**
   * What other modules read of it while the bundle is loaded: a JavaScript expression, which may
   * use `nothing` of build/replacements/nothing.ts. The contract of the cluster on the bundled
   * adapters fails if a request needs more.
   *
   * @default no exports
   */
  readonly exports?: string;
}

const MILVUS_SDK = '@zilliz/milvus2-sdk-node/dist/milvus';
const REST_MIXINS = ['Alias', 'Database', 'Import', 'MilvusIndex', 'Partition', 'Role', 'Vector'];
const GRPC = '@grpc/grpc-js/build/src';

export const LEFT_OUT: readonly LeftOut[] = [
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
    exports: '{ logger: nothing }',
  },
  {
    folder: MILVUS_SDK,
    modules: ['telemetry/index.js'],
    reason: 'reports searches and inserts to the cluster; switched off in our options',
    exports: '{ ClientTelemetryManager: nothing }',
  },
  {
    folder: MILVUS_SDK,
    modules: ['const/milvus.js'],
    reason: 'names and numbers of types, indexes and privileges',
    // The SDK lists the types of fields in an error message when it is loaded.
    exports: '{ DataTypeMap: {} }',
  },
  {
    folder: MILVUS_SDK,
    modules: ['Bytes', 'BloomFilter', 'Data', 'RoaringFilter', 'Schema', 'Search', 'SearchAggregation'].map(
      (name) => `utils/${name}.js`,
    ),
    reason: 'convert rows, schemas and searches',
  },
  {
    folder: `${MILVUS_SDK}/http`,
    modules: REST_MIXINS.map((name) => `${name}.js`),
    reason: 'add requests about data and roles to the client of REST',
    exports: `{ ${REST_MIXINS.map((name) => `${name}: (client) => client`).join()} }`,
  },
  { folder: 'dayjs', modules: ['dayjs.min.js'], reason: 'names the time of a first request that our options skip' },
  { folder: '@opentelemetry/api/dist', modules: ['index.cjs'], reason: 'traces requests; switched off by default' },
  {
    folder: GRPC,
    modules: [
      'server.js',
      'server-credentials.js',
      'server-interceptors.js',
      'admin.js',
      'experimental.js',
      'orca.js',
      'single-subchannel-channel.js',
    ],
    reason: 'a server, its load reports, and exports for plug-ins',
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
    reason: 'counts for a server that shows them; brings ordered-map',
    exports: 'nothing',
  },
  {
    folder: '@grpc/proto-loader/build/src',
    modules: ['index.js'],
    reason: 'makes services from definitions; the definitions are compiled when the function is built',
    exports: `require('./proto-loader.ts')`,
  },
  {
    folder: 'protobufjs',
    modules: ['index.js'],
    reason: 'reads definitions; the compiled ones need the minimal edition only',
    // The SDK makes two objects of this class for each client. Only rows and schemas need them.
    exports: '{ Root: nothing }',
  },
  {
    folder: 'long',
    modules: ['umd/index.js'],
    reason: 'integers of 64 bits; no answer has one, and no request of a rotation sets one',
  },
  {
    folder: '@smithy/core/dist-es/submodules',
    modules: ['event-streams/index.js'],
    reason: 'streams of events, which Secrets Manager does not have',
  },
  {
    folder: '@aws-sdk',
    modules: ['ini', 'process', 'sso', 'web-identity'].map(
      (source) => `credential-provider-${source}/dist-es/index.js`,
    ),
    reason: 'credentials of a developer or of a cluster of containers; Lambda gives them by environment or HTTP',
    exports: `require('./credential-provider.ts')`,
  },
];

/** Replaces the modules of {@link LEFT_OUT}. */
export const leaveOut: Plugin = {
  name: 'leave-out',
  setup({ onLoad }) {
    for (const { folder, modules, exports = '{}' } of LEFT_OUT) {
      for (const module of modules) {
        onLoad({ filter: pathOf(`${folder}/${module}`) }, () => ({
          contents: `const { nothing } = require('./nothing.ts'); module.exports = ${exports};`,
          resolveDir: REPLACEMENTS,
        }));
      }
    }
  },
};

function pathOf(module: string): RegExp {
  const escaped = join(MODULES, module).replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  return new RegExp(`^${escaped}$`);
}
