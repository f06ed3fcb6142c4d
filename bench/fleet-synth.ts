/**
 * Measures the processor time of synth and the sizes that AWS limits, for fleets of secrets:
 * `npm run bench:fleet`. Prints the figures of docs/fleets.md, and exits with 1 if a fleet exceeds
 * a limit.
 *
 * The function is not bundled, because its size does not depend on the number of secrets.
 */
import { statSync } from 'node:fs';
import { App } from 'aws-cdk-lib';
import { table } from '../build/pages.ts';
import { parseConfiguration } from '../infra/configuration/read-configuration.ts';
import { deployedJson, longest } from '../infra/function/deployed-json.ts';
import { rotationStacks } from '../infra/stack/rotation-stack.ts';
import { digits } from './numbers.ts';

const ENDPOINT = 'https://in01-0123456789abcde.aws-us-west-2.vectordb.zillizcloud.com:19530';

const FLEETS = [
  { secrets: 1, maxRatio: 1 },
  { secrets: 10, maxRatio: 1 },
  { secrets: 100, maxRatio: 1 },
  { secrets: 1000, stacks: 8, maxRatio: 10 },
  { secrets: 5000, stacks: 32, maxRatio: 45 },
  { secrets: 10_000, stacks: 64, maxRatio: 90 },
] as const;

/** Seconds depend on the machine. The ratio to this fleet can be compared between machines. */
const REFERENCE = 100;

/** For each fleet. The sizes are 80 % of what CloudFormation allows. */
const LIMITS = { largestTemplate: 800_000, mostResources: 400 };

/** Characters that the number of secrets must not add to, except for the digits of a count. */
const CONSTANT = ['rolePolicies', 'environment', 'functionPolicy'] as const;
const MAX_GROWTH = 10;

interface Resource {
  readonly Type: string;
  readonly Properties?: { readonly Environment?: { readonly Variables?: object }; readonly PolicyDocument?: object };
}

function configurationOf(secrets: number, stacks: number | undefined): string {
  const entries = Array.from(
    { length: secrets },
    (_, index) =>
      `  - {create: milvus/user-${index}, endpoint: "${ENDPOINT}", usernames: [user_${index}_a, user_${index}_b]}\n`,
  );
  return `function: {secretNamePrefix: milvus/, strategy: alternating-users}
defaults: {schedule: "cron(0 1 ? * SUN#1 *)", duration: 1h, spreadHours: 5}
${stacks === undefined ? '' : `stacks: ${stacks}`}
secrets:
${entries.join('')}`;
}

/** The largest length of a part of a template after the deployment. */
const lengthOf = (part: unknown): number => deployedJson(part, longest).length;

function synthesize({ secrets, stacks }: { readonly secrets: number; readonly stacks?: number }) {
  const text = configurationOf(secrets, stacks);
  // Processor time, because other work on the machine adds to the time of a clock.
  const begin = process.cpuUsage();
  const app = new App({ context: { 'aws:cdk:bundling-stacks': [] }, analyticsReporting: false });
  const all = rotationStacks(app, parseConfiguration(text, 'rotation.yaml'));
  const assembly = app.synth();
  const { user, system } = process.cpuUsage(begin);
  const templates = assembly.stacks.map(({ template }) =>
    Object.values((template as { Resources?: Record<string, Resource> }).Resources ?? {}),
  );
  /** The properties of all resources of a type. */
  const ofType = (type: string) =>
    templates.flat().flatMap(({ Type, Properties = [] }) => (Type === type ? Properties : []));
  return {
    secrets,
    stacks: all.length,
    seconds: (user + system) / 1e6,
    largestTemplate: Math.max(...assembly.stacks.map(({ templateFullPath }) => statSync(templateFullPath).size)),
    mostResources: Math.max(...templates.map(({ length }) => length)),
    // In characters.
    rolePolicies: ofType('AWS::IAM::Policy').reduce((sum, { PolicyDocument }) => sum + lengthOf(PolicyDocument), 0),
    environment: lengthOf(ofType('AWS::Lambda::Function').map(({ Environment }) => Environment)),
    functionPolicy: lengthOf(ofType('AWS::Lambda::Permission')),
  };
}

// The first synth of a process also loads the CDK, so it does not count.
synthesize({ secrets: 1 });
const measured = FLEETS.map((fleet) => {
  // The shortest of three runs, because the garbage collector and a busy cache only add time.
  const runs = [1, 2, 3].map(() => synthesize(fleet));
  return runs.reduce((shortest, run) => (run.seconds < shortest.seconds ? run : shortest));
});
const reference = measured.find(({ secrets }) => secrets === REFERENCE)?.seconds ?? Number.NaN;
console.log(
  table(
    [
      ...['secrets', 'stacks', 'processor time of synth', 'largest template', 'most resources in a stack'],
      ...['role policies', "the function's environment", "the function's policy"],
    ],
    measured.map(({ secrets, stacks, seconds, largestTemplate, mostResources, ...lengths }) => [
      ...[secrets, stacks].map(digits),
      `${digits(seconds / reference)} ×`,
      `${digits(Math.round(largestTemplate / 1000))} KB`,
      ...[mostResources, ...CONSTANT.map((name) => lengths[name])].map(digits),
    ]),
  ),
);

const excessive = measured.filter(
  ({ secrets, seconds, largestTemplate, mostResources, ...lengths }) =>
    !(
      seconds / reference <= (FLEETS.find((fleet) => fleet.secrets === secrets)?.maxRatio ?? 0) &&
      largestTemplate <= LIMITS.largestTemplate &&
      mostResources <= LIMITS.mostResources &&
      CONSTANT.every((name) => lengths[name] - Math.min(...measured.map((fleet) => fleet[name])) <= MAX_GROWTH)
    ),
);
if (excessive.length > 0) {
  console.error(`Fleets that exceed ${JSON.stringify(LIMITS)}, or whose function grows:`, excessive);
  process.exitCode = 1;
}
