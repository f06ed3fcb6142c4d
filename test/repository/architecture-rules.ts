import type { ICruiseOptions, IFlattenedRuleSet, IResolveOptions } from 'dependency-cruiser';

/** The arrows between the parts, as docs/architecture.md draws them. Each rule says why it is there. */
const parts = '(secret|cluster|lambda|client|cli|infra|local|bench|examples|test)';

export const FORBIDDEN: NonNullable<IFlattenedRuleSet['forbidden']> = [
  {
    name: 'no-cycles',
    comment: 'A cycle is two parts that are one.',
    severity: 'error',
    from: {},
    to: { circular: true },
  },
  {
    name: 'secret-and-cluster-stand-alone',
    comment: 'The two ports know nothing of each other, nor of who uses them.',
    severity: 'error',
    from: { path: '^(secret|cluster)/' },
    to: { path: `^${parts}/`, pathNot: '^$1/' },
  },
  {
    name: 'only-adapters-touch-an-sdk',
    comment: 'Ports and pure modules stay free of network clients, so that the rotation can be tested without any.',
    severity: 'error',
    from: { path: '^(secret|cluster)/', pathNot: '(secrets-manager-store|milvus-client|generated-password)\\.ts$' },
    to: { dependencyTypes: ['npm'] },
  },
  {
    name: 'rotation-imports-ports-alone',
    comment: 'No SDK, clock, randomness or environment reaches the protocol, even through another module.',
    severity: 'error',
    from: { path: '^lambda/rotation/' },
    to: {
      path: '(secrets-manager-store|milvus-client|milvus-cluster|generated-password)\\.ts$|^node_modules/',
      reachable: true,
    },
  },
  {
    name: 'rotation-uses-no-node-builtin',
    comment: 'The protocol gets its clock and its randomness as arguments.',
    severity: 'error',
    from: { path: '^lambda/rotation/' },
    to: { dependencyTypes: ['core'] },
  },
  {
    name: 'lambda-knows-ports-only',
    severity: 'error',
    comment: 'The function is deployed alone: nothing of the deployment or of the operator may reach its bundle.',
    from: { path: '^lambda/' },
    to: { path: `^${parts}/`, pathNot: '^(lambda|secret|cluster)/' },
  },
  {
    name: 'cli-knows-ports-only',
    severity: 'error',
    comment: 'The operator tool talks to AWS and to the cluster, never to the inside of the function.',
    from: { path: '^cli/' },
    to: { path: `^${parts}/`, pathNot: '^(cli|secret|cluster)/' },
  },
  {
    name: 'infra-names-the-function-by-path',
    severity: 'error',
    comment: 'A construct that imported the function would load its SDKs at every synth.',
    from: { path: '^infra/' },
    to: {
      path: `^${parts}/`,
      pathNot: '^(infra|cluster/(endpoint|password-policy)\\.ts|secret/(document|rotation-strategy)\\.ts)',
    },
  },
  {
    name: 'nothing-imports-a-top',
    severity: 'error',
    comment: 'Composition roots, tools and tests are leaves.',
    from: { path: `^${parts}/`, pathNot: '^(test|bench)/' },
    to: { path: '^(lambda/handler\\.ts|cli/|local/|bench/|test/)', pathNot: '^$1/' },
  },
  {
    name: 'product-does-not-import-dev-dependencies',
    severity: 'error',
    comment: 'What the package imports must be installed with it. The function is not imported: it comes as a bundle.',
    from: { path: '^(secret|cluster|cli|client|infra)/' },
    to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['npm-peer'], pathNot: '@types/' },
  },
];

export const OPTIONS: ICruiseOptions = {
  parser: 'swc',
  tsPreCompilationDeps: true,
  exclude: { path: '^(cdk\\.out|dist|\\.local|coverage)/' },
  doNotFollow: { path: 'node_modules' },
};

export const RESOLVE: Partial<IResolveOptions> = {
  extensions: ['.ts', '.mjs', '.js', '.json'],
  exportsFields: ['exports'],
  conditionNames: ['import', 'node', 'default', 'types'],
};
