/**
 * What a fleet costs at synth, and how near it comes to the limits of AWS: `npm run bench:fleet`.
 *
 * Bundles are left out: the function is one, whatever the number of secrets.
 */
import { App, type Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { parseConfiguration } from '../infra/configuration/read-configuration.ts';
import { lengthOfPolicies } from '../infra/role-policies.ts';
import { rotationStacks } from '../infra/rotation-stacks.ts';

const ENDPOINT = 'https://in01-0123456789abcde.aws-us-west-2.vectordb.zillizcloud.com:19530';
/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html */
const LIMITS = { template: 1_000_000, resources: 500, rolePolicies: 10_240, functionPolicy: 20_480 };

interface Resource {
  readonly Type: string;
  readonly Properties: { readonly PolicyDocument?: unknown };
}

const fleets = [
  { secrets: 1, stacks: undefined },
  { secrets: 10, stacks: undefined },
  { secrets: 100, stacks: undefined },
  { secrets: 1000, stacks: 8 },
  { secrets: 5000, stacks: 32 },
];

function configurationOf(secrets: number, stacks: number | undefined): string {
  const head = `function: {secretNamePrefix: milvus/}\n${stacks === undefined ? '' : `stacks: ${stacks}\n`}secrets:\n`;
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

function lengthOf(resources: readonly Resource[], type: string, part: (resource: Resource) => unknown): number {
  const parts = resources.filter(({ Type }) => Type === type).map((resource) => JSON.stringify(part(resource)).length);
  return parts.reduce((sum, length) => sum + length, 0);
}

function measure(secrets: number, stacks: number | undefined): Record<string, string | number> & { seconds: number } {
  const text = configurationOf(secrets, stacks);
  const begin = performance.now();
  const app = new App({ context: { 'aws:cdk:bundling-stacks': [] }, analyticsReporting: false });
  const all = rotationStacks(app, parseConfiguration(text, 'rotation.yaml'));
  const assembly = app.synth();
  const seconds = (performance.now() - begin) / 1000;
  const resources = all.map(resourcesOf);
  const templates = assembly.stacks.map(({ template }) => JSON.stringify(template).length);
  return {
    secrets,
    stacks: all.length,
    seconds,
    'largest template, KB': (Math.max(...templates) / 1000).toFixed(0),
    'most resources': Math.max(...resources.map(({ length }) => length)),
    'role policies, characters': all.reduce((sum, stack) => sum + lengthOfPolicies(stack), 0),
    'function policy, characters': lengthOf(
      resources.flat(),
      'AWS::Lambda::Permission',
      ({ Properties }) => Properties,
    ),
  };
}

// The first synth of a process also loads CDK.
measure(1, undefined);
const measured = fleets.map(({ secrets, stacks }) => measure(secrets, stacks));
// Seconds are those of one machine; how they grow is what carries over.
const reference = measured.find(({ secrets }) => secrets === 100)?.seconds ?? Number.NaN;
console.table(
  measured.map(({ seconds, ...sizes }) => ({
    ...sizes,
    'synth, s': seconds.toFixed(1),
    'synth, as many times as for 100': (seconds / reference).toFixed(1),
  })),
);
console.log('Limits of AWS:', LIMITS);
