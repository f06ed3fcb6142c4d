import { readdirSync } from 'node:fs';
import type { ICruiseOptions, IFlattenedRuleSet, IResolveOptions } from 'dependency-cruiser';

type Rule = NonNullable<IFlattenedRuleSet['forbidden']>[number];

/** What the modules of each folder may import of the other folders of the same table. */
type Layers = Readonly<Record<string, readonly string[]>>;

/** docs/architecture.md says what each folder contains. */
const PARTS: Layers = {
  protocol: ['telemetry'],
  adapters: ['protocol'],
  telemetry: [],
  // Applications install the client. It brings no code of the function, of the command or of the
  // CDK.
  client: ['protocol/secret', 'protocol/cluster/endpoint.ts', 'adapters/aws-errors.ts'],
  lambda: ['protocol', 'adapters', 'telemetry'],
  cli: ['protocol', 'adapters', 'telemetry'],
  // An import of the function would load its SDKs at each synth.
  infra: ['protocol', 'telemetry'],
  build: ['infra', 'cli', 'protocol'],
  // The local cloud deploys the product as a user does, through the CDK. What people do with a
  // secret by hand needs its format.
  local: ['protocol', 'adapters'],
  bench: ['protocol', 'adapters', 'client', 'infra', 'build', 'local'],
  examples: ['infra', 'client'],
};

const INFRA_FOLDERS: Layers = {
  'infra/rules': [],
  'infra/configuration': ['infra/rules'],
  'infra/function': ['infra/rules'],
  'infra/rotation': ['infra/function', 'infra/rules'],
  'infra/monitoring': ['infra/function', 'infra/rules'],
};

/** The folders that subcommands share, from top to bottom. */
const SHARED_CLI_FOLDERS: Layers = {
  'cli/change': ['cli/examine', 'cli/aws', 'cli/cluster', 'cli/terminal', 'cli/outcome'],
  'cli/examine': ['cli/aws', 'cli/cluster', 'cli/outcome'],
  'cli/history': ['cli/aws', 'cli/terminal', 'cli/outcome'],
  'cli/select': ['cli/aws', 'cli/terminal', 'cli/outcome'],
  'cli/terminal': ['cli/aws', 'cli/outcome'],
  'cli/aws': ['cli/outcome'],
  'cli/cluster': ['cli/outcome'],
  'cli/outcome': [],
};

/** Every other folder of the command holds one subcommand, which imports no other subcommand. */
const SUBCOMMANDS: Layers = Object.fromEntries(
  readdirSync(new URL('../../cli', import.meta.url), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => `cli/${name}`)
    .filter((folder) => !(folder in SHARED_CLI_FOLDERS))
    .map((folder) => [folder, Object.keys(SHARED_CLI_FOLDERS)]),
);

/**
 * One rule for each folder: no module imports a folder of the table, or another path of `others`,
 * unless listed.
 */
function layerRules(layers: Layers, others: readonly string[]): Rule[] {
  const paths = [...Object.keys(layers).map((folder) => `^${folder}/`), ...others];
  return Object.entries(layers).map(([folder, mayImport]) => ({
    name: `imports-of-${folder}`,
    from: { path: `^${folder}/` },
    to: { path: paths, pathNot: [folder, ...mayImport].map((allowed) => `^${allowed}(/|$)`) },
  }));
}

/** The folders of the product, which ask a strategy and a form, and do not compare their names. */
export const PRODUCT: readonly string[] = ['protocol', 'adapters', 'telemetry', 'client', 'lambda', 'cli', 'infra'];

/** The strategies, and the tables of everything in which the forms of credentials differ. */
export const TABLES: readonly string[] = [
  'protocol/rotation/strategies/',
  'protocol/secret/credential-form.ts',
  'protocol/secret/rotated-secrets.ts',
  'cli/credential-forms.ts',
];

/** The top-level folders with TypeScript. */
export const FOLDERS: string[] = [...Object.keys(PARTS), 'test'];

export const FORBIDDEN: Rule[] = [
  // No module of these folders imports packages/ or test/.
  ...layerRules(PARTS, ['^packages/', '^test/']),
  ...layerRules(INFRA_FOLDERS, ['^infra/stack/', '^infra/(app|index)\\.ts$']),
  ...layerRules({ ...SUBCOMMANDS, ...SHARED_CLI_FOLDERS }, ['^cli/(main|program|commands|process-ports)\\.ts$']),
  {
    name: 'outcome-imports-nothing-of-the-cli',
    from: { path: '^cli/outcome/' },
    to: { path: '^cli/', pathNot: '^cli/outcome/' },
  },
  // AWS and the cluster do not reach each other through a module that both import either.
  { name: 'aws-reaches-no-cluster', from: { path: '^cli/aws/' }, to: { path: '^cli/cluster/', reachable: true } },
  { name: 'cluster-reaches-no-aws', from: { path: '^cli/cluster/' }, to: { path: '^cli/aws/', reachable: true } },
  {
    // What tests and benchmarks share is in local/.
    name: 'tests-import-no-benchmark',
    from: { path: '^test/', pathNot: '^test/(bench/|e2e/(faults|continuity)\\.test\\.ts$)' },
    to: { path: '^bench/' },
  },
  { name: 'no-cycles', from: {}, to: { circular: true } },
  { name: 'telemetry-imports-nothing', from: { path: '^telemetry/' }, to: { pathNot: '^telemetry/' } },
  {
    // The protocol works on ports alone. No SDK and no randomness reaches it.
    name: 'protocol-reaches-no-package',
    from: { path: '^protocol/' },
    to: { path: ['^adapters/', '^node_modules/'], reachable: true },
  },
  {
    // The check of an IP address and the hash of a name are pure functions.
    name: 'protocol-imports-no-node-module',
    from: { path: '^protocol/', pathNot: '^protocol/(cluster/endpoint|secret/pins|keys/rotated-key)\\.ts$' },
    to: { dependencyTypes: ['core'] },
  },
  {
    // Constructs need the rules and formats of the protocol, not its steps and ports.
    name: 'infra-imports-pure-modules',
    from: { path: '^infra/' },
    to: {
      path: '^protocol/',
      pathNot:
        '^protocol/(cluster/(endpoint|password-policy)|keys/control-plane|secret/(credential-form|document|pins|rotated-secrets)|rotation/(failures|function-settings|setting|rotated-event|rotation-request|strategies/[\\w-]+))\\.ts$',
    },
  },
  {
    // A handler reads the environment and connects to AWS as soon as it is loaded.
    name: 'nothing-imports-a-handler',
    from: {},
    to: { path: '^lambda/((overdue|restart)/)?handler\\.ts$' },
  },
  {
    name: 'product-imports-no-development-tool',
    from: { path: `^(${PRODUCT.join('|')})/` },
    to: { dependencyTypes: ['npm-dev'] },
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
