import { readdirSync } from 'node:fs';
import type { ICruiseOptions, IFlattenedRuleSet, IResolveOptions } from 'dependency-cruiser';

type Rule = NonNullable<IFlattenedRuleSet['forbidden']>[number];

/** A folder and the other folders or modules of the same table that its modules may import. */
interface Layer {
  readonly folder: string;
  readonly mayImport: readonly string[];
  readonly comment: string;
}

const PARTS: readonly Layer[] = [
  {
    folder: 'protocol',
    mayImport: ['telemetry'],
    comment: 'What a rotation decides. It works on ports alone, so function, command and client share it.',
  },
  {
    folder: 'adapters',
    mayImport: ['protocol'],
    comment: 'The ports of the protocol on Secrets Manager and on the cluster. They know no caller.',
  },
  {
    folder: 'telemetry',
    mayImport: [],
    comment: 'The function writes these log fields and metrics; CLI, alarms and dashboard read them. All must agree.',
  },
  {
    folder: 'client',
    mayImport: ['protocol/secret', 'protocol/cluster/endpoint.ts', 'adapters/secrets-manager/aws-errors.ts'],
    comment: 'Applications install the client. It must not bring code of the function, of the CLI or of the CDK.',
  },
  {
    folder: 'lambda',
    mayImport: ['protocol', 'adapters', 'telemetry'],
    comment: 'The bundle of the function must not contain code of the deployment or of the CLI.',
  },
  {
    folder: 'cli',
    mayImport: ['protocol', 'adapters', 'telemetry'],
    comment: 'The CLI talks to AWS and to the cluster. It does not depend on the code of the function.',
  },
  {
    folder: 'infra',
    mayImport: ['protocol', 'telemetry'],
    comment:
      'Constructs refer to lambda/handler.ts by path. An import would load the SDKs of the function at each synth.',
  },
  {
    folder: 'build',
    mayImport: ['infra', 'cli', 'protocol'],
    comment:
      'The generated files come from the schema of the configuration file, from the definitions of the CLI and, for a release, from the constructs and the variables of the function.',
  },
  {
    folder: 'local',
    mayImport: ['adapters/grpc/milvus-client.ts'],
    comment: 'The local cloud deploys the product as a user does, through the CDK and not through imports.',
  },
  {
    folder: 'bench',
    mayImport: ['protocol', 'adapters', 'client', 'infra', 'build', 'local'],
    comment: 'The measurements run the bundled function. They do not import its code.',
  },
  {
    folder: 'examples',
    mayImport: ['infra', 'client'],
    comment: 'Examples use the constructs and the client, as users of the packages do.',
  },
];

const INFRA_FOLDERS: readonly Layer[] = [
  {
    folder: 'infra/rules',
    mayImport: [],
    comment: 'Rules check single values. Constructs and configuration share them.',
  },
  {
    folder: 'infra/configuration',
    mayImport: ['infra/rules'],
    comment: 'The reader of the configuration file creates no construct.',
  },
  {
    folder: 'infra/function',
    mayImport: ['infra/rules'],
    comment: 'The function exists without schedules and alarms, and without a configuration file.',
  },
  {
    folder: 'infra/rotation',
    mayImport: ['infra/function', 'infra/rules'],
    comment: 'A rotation connects a secret to a function. It needs neither alarms nor a configuration file.',
  },
  {
    folder: 'infra/monitoring',
    mayImport: ['infra/function', 'infra/rules'],
    comment: 'Alarms watch a function. They need neither the rotations nor a configuration file.',
  },
];

const SHARED_CLI_FOLDERS = [
  'cli/change',
  'cli/select',
  'cli/examine',
  'cli/history',
  'cli/aws',
  'cli/cluster',
  'cli/credential-forms',
  'cli/terminal',
  'cli/outcome',
];

/** Every other folder of the CLI holds one subcommand. */
const SUBCOMMANDS = readdirSync(new URL('../../cli', import.meta.url), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => `cli/${name}`)
  .filter((folder) => !SHARED_CLI_FOLDERS.includes(folder))
  .map(
    (folder): Layer => ({
      folder,
      mayImport: SHARED_CLI_FOLDERS,
      comment: 'Subcommands share code through the shared folders, never by an import of another subcommand.',
    }),
  );

const CLI_FOLDERS: readonly Layer[] = [
  ...SUBCOMMANDS,
  {
    folder: 'cli/change',
    mayImport: ['cli/examine', 'cli/aws', 'cli/cluster', 'cli/credential-forms', 'cli/terminal', 'cli/outcome'],
    comment: '`init` and `repair` plan from an examination with the same steps, and carry them out in the same way.',
  },
  {
    folder: 'cli/examine',
    mayImport: ['cli/aws', 'cli/cluster', 'cli/credential-forms', 'cli/outcome'],
    comment: 'Subcommands call the examination of a secret. It knows neither a subcommand nor the terminal.',
  },
  {
    folder: 'cli/history',
    mayImport: ['cli/aws', 'cli/terminal', 'cli/outcome'],
    comment:
      '`report` reads past rotations as `history` does. The sources know neither another subcommand nor the cluster.',
  },
  {
    folder: 'cli/select',
    mayImport: ['cli/aws', 'cli/terminal', 'cli/outcome'],
    comment: 'Subcommands select secrets before they examine or change them.',
  },
  {
    folder: 'cli/terminal',
    mayImport: ['cli/aws', 'cli/outcome'],
    comment:
      'The options name the region of AWS. The terminal knows neither a subcommand nor, except in the types of command-ports.ts, the cluster.',
  },
  ...['cli/aws', 'cli/cluster'].map((folder) => ({
    folder,
    mayImport: ['cli/outcome'],
    comment: 'AWS and the cluster are independent of each other, of the examination and of the subcommands.',
  })),
  {
    folder: 'cli/credential-forms',
    mayImport: [],
    comment: 'What differs between passwords and API keys is asked of a form, which knows no other part of the CLI.',
  },
  {
    folder: 'cli/outcome',
    mayImport: [],
    comment: 'Every part of the CLI ends in these errors, advice and exit codes.',
  },
];

/**
 * One rule for each folder: no module imports a folder of the table, or another path of `others`,
 * unless listed.
 */
function layerRules(layers: readonly Layer[], others: readonly string[]): Rule[] {
  const paths = [...layers.map(({ folder }) => `^${folder}/`), ...others];
  return layers.map(({ folder, mayImport, comment }) => ({
    name: `imports-of-${folder}`,
    comment,
    from: { path: `^${folder}/` },
    to: { path: paths, pathNot: [folder, ...mayImport].map((allowed) => `^${allowed}(/|$)`) },
  }));
}

const PRODUCT = '^(protocol|adapters|telemetry|client|lambda|cli|infra)/';
const NPM_PACKAGES = '^node_modules/';

/** The top-level folders with TypeScript. */
export const FOLDERS: string[] = [...PARTS.map(({ folder }) => folder), 'test'];

export const FORBIDDEN: Rule[] = [
  // No module of these folders imports packages/ or test/.
  ...layerRules(PARTS, ['^packages/', '^test/']),
  ...layerRules(INFRA_FOLDERS, ['^infra/stack/', '^infra/(app|index)\\.ts$']),
  ...layerRules(CLI_FOLDERS, ['^cli/(main|program|commands|process-ports)\\.ts$']),
  {
    name: 'outcome-imports-nothing-of-the-cli',
    comment: 'It is the lowest layer of the CLI. An import of another module would connect the layers above it.',
    from: { path: '^cli/outcome/' },
    to: { path: '^cli/', pathNot: '^cli/outcome/' },
  },
  ...[
    ['aws', 'cluster'],
    ['cluster', 'aws'],
  ].map(
    ([folder, other]): Rule => ({
      name: `cli-${folder}-reaches-no-${other}`,
      comment: 'AWS and the cluster are independent. Neither reaches the other through a module that both import.',
      from: { path: `^cli/${folder}/` },
      to: { path: `^cli/${other}/`, reachable: true },
    }),
  ),
  {
    name: 'no-cycles',
    comment: 'Modules in a cycle cannot be understood or tested one by one.',
    from: {},
    to: { circular: true },
  },
  {
    name: 'telemetry-imports-nothing',
    comment: 'Names of log fields and metrics need no other code, and each program loads them.',
    from: { path: '^telemetry/' },
    to: { pathNot: '^telemetry/' },
  },
  {
    name: 'protocol-reaches-no-package',
    comment: 'The protocol works on ports alone. No SDK and no randomness reaches it, even through another module.',
    from: { path: '^protocol/' },
    to: { path: ['^adapters/', NPM_PACKAGES], reachable: true },
  },
  {
    name: 'protocol-imports-no-node-module',
    comment:
      'The protocol gets clock and randomness as arguments. The check of an IP address and the hash of a name are pure functions.',
    from: { path: '^protocol/', pathNot: '^protocol/(cluster/endpoint|secret/pins|keys/rotated-key)\\.ts$' },
    to: { dependencyTypes: ['core'] },
  },
  {
    name: 'infra-imports-pure-modules',
    comment: 'Constructs need the rules and formats of the protocol, not its steps and ports.',
    from: { path: '^infra/' },
    to: {
      path: '^protocol/',
      pathNot:
        '^protocol/(cluster/(endpoint|password-policy)|keys/control-plane|secret/(document|pins|rotated-secrets)|rotation/(failures|function-config|variable-values|rotation-request|strategies/[\\w-]+))\\.ts$',
    },
  },
  {
    name: 'nothing-imports-a-handler',
    comment: 'A handler reads the environment and connects to AWS as soon as it is loaded.',
    from: {},
    to: { path: '^lambda/(overdue/)?handler\\.ts$' },
  },
  {
    name: 'product-imports-no-development-tool',
    comment: 'In package.json, dependencies lists what the product runs on, devDependencies what builds and tests it.',
    from: { path: PRODUCT },
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
