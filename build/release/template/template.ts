import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { stringify } from 'yaml';
import { templateStack, type Zips } from './template-stack.ts';

export interface CloudFormationTemplate {
  readonly Parameters: Readonly<Record<string, { readonly Default?: string }>>;
  readonly Conditions: Readonly<Record<string, unknown>>;
  readonly Resources: Readonly<Record<string, TemplateResource>>;
}

export interface TemplateResource {
  readonly Type: string;
  readonly Condition?: string;
  readonly Properties: Readonly<Record<string, unknown>>;
}

/** The template of the release, with the feature flags of cdk.json. */
export function releaseTemplate(project: string, version: string, zips: Zips): CloudFormationTemplate {
  const { context } = JSON.parse(readFileSync(join(project, 'cdk.json'), 'utf8')) as { context: object };
  const outdir = mkdtempSync(join(tmpdir(), 'release-template-'));
  try {
    // CDK's own rules take most of the time of a synth. test/infra/policy-checks.test.ts applies
    // them.
    const app = new App({ outdir, context, analyticsReporting: false, builtinCloudFormationValidation: false });
    const { stackName } = templateStack(app, version, zips);
    return app.synth().getStackByName(stackName).template as CloudFormationTemplate;
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

export function asYaml(template: CloudFormationTemplate): string {
  // Readers of YAML 1.1 take 2012-10-17 without quotes for a date.
  const options = { lineWidth: 0, aliasDuplicateObjects: false, version: '1.1' } as const;
  return stringify({ AWSTemplateFormatVersion: '2010-09-09', ...template }, options);
}
