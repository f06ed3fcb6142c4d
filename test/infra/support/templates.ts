import { mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, type AppProps, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { type IVpc, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
import { inject } from 'vitest';
import { parseConfiguration } from '../../../infra/configuration/read-configuration.ts';
import { RotationStack } from '../../../infra/stack/rotation-stack.ts';

const cdkJson = JSON.parse(readFileSync(new URL('../../../cdk.json', import.meta.url), 'utf8')) as {
  context: Record<string, unknown>;
};

/** The certificate of a private authority. */
export const CERTIFICATE_AUTHORITY: string = readFileSync(
  new URL('../../../examples/cdk/private-ca.pem', import.meta.url),
  'utf8',
);

/** The endpoint of a cluster of Zilliz Cloud. */
export const ENDPOINT = 'https://in01-0123456789abcde.aws-us-west-2.vectordb.zillizcloud.com:19530';

export const KEY_ARN = 'arn:aws:kms:us-west-2:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab';

/** A new folder, which is deleted after the run. */
export function newFolder(): string {
  return mkdtempSync(join(inject('assemblies'), 'cdk-'));
}

/**
 * An app with the feature flags of cdk.json. Templates do not depend on the bundle, so it makes
 * none. CDK's own rules for templates take six seconds to load, so only one test applies them.
 */
export function appWithoutBundles({ builtinCloudFormationValidation = false }: AppProps = {}): App {
  return new App({
    builtinCloudFormationValidation,
    outdir: newFolder(),
    context: { ...cdkJson.context, 'aws:cdk:bundling-stacks': [] },
    analyticsReporting: false,
  });
}

export function stackOf(build: (scope: Construct) => void): Stack {
  const stack = new Stack(appWithoutBundles(), 'Test');
  build(stack);
  return stack;
}

export function templateOf(build: (scope: Construct) => void): Template {
  return Template.fromStack(stackOf(build));
}

type Properties = ReturnType<Template['findResources']>[string];

/** The properties of all resources of a type. */
export function propertiesOf(template: Template, type: string): Properties[] {
  return Object.values(template.findResources(type)).map((resource) => resource['Properties'] as Properties);
}

interface Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string | string[];
  readonly Resource: unknown;
}

/** The statements of the policies whose logical id matches. */
export function statementsIn(template: Template, id: RegExp = /./): Statement[] {
  const policies = Object.entries(template.findResources('AWS::IAM::Policy')).filter(([policy]) => id.test(policy));
  return policies.flatMap(([, { Properties }]) => Properties.PolicyDocument.Statement as Statement[]);
}

/** The template of a configuration file with this text. */
export function templateOfConfiguration(text: string): Template {
  const configuration = parseConfiguration(text, 'rotation.yaml');
  return Template.fromStack(new RotationStack(appWithoutBundles(), configuration.stackName, { configuration }));
}

/** Replaces the hashes of assets, because the bundle changes with every dependency. */
export function withoutAssetHashes(template: Template): string {
  return JSON.stringify(template.toJSON(), null, 2).replace(/[0-9a-f]{64}/g, 'ASSET-HASH');
}

/** A VPC with private subnets. */
export function vpcIn(scope: Construct): IVpc {
  const vpc = new Vpc(scope, 'Vpc', {
    restrictDefaultSecurityGroup: false,
    subnetConfiguration: [{ name: 'Private', subnetType: SubnetType.PRIVATE_ISOLATED }],
  });
  // Under exactOptionalPropertyTypes, the class of CDK does not match its interface.
  return vpc as IVpc;
}
