/**
 * Measures the time of synth and the sizes that AWS limits, for fleets of secrets: `npm run
 * bench:fleet`.
 *
 * The function is not bundled, because its size does not depend on the number of secrets.
 */
import { statSync } from 'node:fs';
import { App, type Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { parseConfiguration } from '../infra/configuration/read-configuration.ts';
import { inlinePoliciesLength } from '../infra/function/function-limits.ts';
import { rotationStacks } from '../infra/stack/rotation-stacks.ts';

const ENDPOINT = 'https://in01-0123456789abcde.aws-us-west-2.vectordb.zillizcloud.com:19530';
/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html */
const LIMITS = { template: 1_000_000, resources: 500, rolePolicies: 10_240, functionPolicy: 20_480 };

interface Resource {
  readonly Type: string;
}

const fleets = [
  { secrets: 1, stacks: undefined },
  { secrets: 10, stacks: undefined },
  { secrets: 100, stacks: undefined },
  { secrets: 1000, stacks: 8 },
  { secrets: 5000, stacks: 32 },
];

function configurationOf(secrets: number, stacks: number | undefined): string {
  const head = `function: {secretNamePrefix: milvus/}
defaults: {schedule: "cron(0 1 ? * SUN#1 *)", duration: 1h, spreadHours: 5}
${stacks === undefined ? '' : `stacks: ${stacks}`}
secrets:
`;
  const entries = Array.from(
    { length: secrets },
    (_, index) => `  - {create: milvus/user-${index}, endpoint: "${ENDPOINT}", username: user_${index}}\n`,
  );
  return head + entries.join('');
}

function resourcesOf(stack: Stack): Resource[] {
  return Object.values(
    (Template.fromStack(stack).toJSON() as { Resources?: Record<string, Resource> }).Resources ?? {},
  );
}

/** The length of the function's policy in Lambda, in the region with the longest name. */
function functionPolicyLength(resources: readonly Resource[]): number {
  const account = '123456789012';
  const Statement = resources
    .filter(({ Type }) => Type === 'AWS::Lambda::Permission')
    .map((_, index) => ({
      Sid: `zilliz-secret-rotation-RotationFunctionSecretsManagerMayInvoke-${index}`,
      Effect: 'Allow',
      Principal: { Service: 'secretsmanager.amazonaws.com' },
      Action: 'lambda:InvokeFunction',
      Resource: `arn:aws:lambda:ap-southeast-1:${account}:function:zilliz-secret-rotation-RotationFunction-Ab12Cd34Ef56`,
      Condition: { StringEquals: { 'AWS:SourceAccount': account } },
    }));
  return JSON.stringify({ Version: '2012-10-17', Id: 'default', Statement }).length;
}

function measure(secrets: number, stacks: number | undefined): Record<string, string | number> & { seconds: number } {
  const text = configurationOf(secrets, stacks);
  const begin = performance.now();
  const app = new App({ context: { 'aws:cdk:bundling-stacks': [] }, analyticsReporting: false });
  const all = rotationStacks(app, parseConfiguration(text, 'rotation.yaml'));
  const assembly = app.synth();
  const seconds = (performance.now() - begin) / 1000;
  const resources = all.map(resourcesOf);
  const templates = assembly.stacks.map(({ templateFullPath }) => statSync(templateFullPath).size);
  return {
    secrets,
    stacks: all.length,
    seconds,
    'largest template, KB': (Math.max(...templates) / 1000).toFixed(0),
    'most resources': Math.max(...resources.map(({ length }) => length)),
    'role policies, characters': all.reduce((sum, stack) => sum + inlinePoliciesLength(stack), 0),
    'function policy, characters': functionPolicyLength(resources.flat()),
  };
}

// The first synth of a process also loads the CDK, so it does not count.
measure(1, undefined);
const rounds = [1, 2, 3].map(() => fleets.map(({ secrets, stacks }) => measure(secrets, stacks)));
// The shortest of three runs, because other work on the machine only adds time.
const measured = fleets.map((_, index) => {
  const runs = rounds.flatMap((round) => round[index] ?? []);
  return runs.reduce((shortest, run) => (run.seconds < shortest.seconds ? run : shortest));
});
// Seconds depend on the machine. The ratio to the fleet of 100 secrets can be compared between
// machines.
const reference = measured.find(({ secrets }) => secrets === 100)?.seconds ?? Number.NaN;
console.table(
  measured.map(({ seconds, ...sizes }) => ({
    ...sizes,
    'synth, s': seconds.toFixed(1),
    'synth, relative to 100 secrets': (seconds / reference).toFixed(1),
  })),
);
console.log('Limits of AWS:', LIMITS);
