import { CloudFormation } from '@aws-sdk/client-cloudformation';
import { evaluate } from '../../../build/release/template/evaluate.ts';
import type { CloudFormationTemplate } from '../../../build/release/template/template.ts';
import { type AwsOptions, LOCAL_ACCOUNT } from '../../../local/cloud/access.ts';

type Artifacts = readonly { readonly Name: string }[];

export interface Action {
  readonly Name: string;
  readonly ActionTypeId: { readonly Provider: string };
  readonly Configuration: Readonly<Record<string, string>>;
  readonly InputArtifacts?: Artifacts;
  readonly OutputArtifacts?: Artifacts;
  readonly RoleArn: string;
  readonly RunOrder: number;
}

/** The pipeline of a stack, and the projects of CodeBuild by name. */
export interface DeployedPipeline {
  readonly pipeline: {
    readonly ArtifactStore: { readonly Location: string };
    readonly RoleArn: string;
    readonly Stages: readonly { readonly Name: string; readonly Actions: readonly Action[] }[];
  };
  readonly projects: Readonly<
    Record<string, { readonly ServiceRole: string; readonly Source: { readonly BuildSpec: string } }>
  >;
}

/** Reads a pipeline from CloudFormation. */
export async function deployedPipeline(options: AwsOptions, StackName: string): Promise<DeployedPipeline> {
  const cloudformation = new CloudFormation(options);
  const { TemplateBody = '' } = await cloudformation.getTemplate({ StackName });
  const { StackResources = [] } = await cloudformation.describeStackResources({ StackName });
  const values: Record<string, string> = { 'AWS::Partition': 'aws' };
  for (const { LogicalResourceId = '', PhysicalResourceId = '' } of StackResources) {
    values[LogicalResourceId] = PhysicalResourceId;
    // Only ARNs of roles are read.
    values[`${LogicalResourceId}.Arn`] = `arn:aws:iam::${LOCAL_ACCOUNT}:role/${PhysicalResourceId}`;
  }
  const template = JSON.parse(TemplateBody) as CloudFormationTemplate;
  const ofType = (type: string): Record<string, unknown> =>
    Object.fromEntries(
      Object.entries(template.Resources).flatMap(([id, { Type, Properties }]) =>
        Type === type ? [[values[id], evaluate(Properties, template, values)]] : [],
      ),
    );
  const [pipeline] = Object.values(ofType('AWS::CodePipeline::Pipeline'));
  return { pipeline, projects: ofType('AWS::CodeBuild::Project') } as DeployedPipeline;
}
