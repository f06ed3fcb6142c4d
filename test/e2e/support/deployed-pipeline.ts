import { CloudFormation } from '@aws-sdk/client-cloudformation';
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

interface Intrinsic {
  readonly Ref?: string;
  readonly 'Fn::GetAtt'?: readonly [string, string];
  readonly 'Fn::Join'?: readonly [string, readonly string[]];
}

/** Reads a pipeline from CloudFormation. */
export async function deployedPipeline(options: AwsOptions, StackName: string): Promise<DeployedPipeline> {
  const cloudformation = new CloudFormation(options);
  const { TemplateBody = '' } = await cloudformation.getTemplate({ StackName });
  const { StackResources = [] } = await cloudformation.describeStackResources({ StackName });
  const ids = new Map([['AWS::Partition', 'aws']]);
  for (const { LogicalResourceId = '', PhysicalResourceId = '' } of StackResources) {
    ids.set(LogicalResourceId, PhysicalResourceId);
  }
  const resolve = (_key: string, value: Intrinsic | null): unknown => {
    if (value?.Ref) return ids.get(value.Ref);
    // Only ARNs of roles are read.
    if (value?.['Fn::GetAtt']) return `arn:aws:iam::${LOCAL_ACCOUNT}:role/${ids.get(value['Fn::GetAtt'][0])}`;
    return value?.['Fn::Join'] ? value['Fn::Join'][1].join(value['Fn::Join'][0]) : value;
  };
  const { Resources } = JSON.parse(TemplateBody, resolve) as {
    Resources: Record<string, { Type: string; Properties: unknown }>;
  };
  const ofType = (type: string): Record<string, unknown> =>
    Object.fromEntries(
      Object.entries(Resources).flatMap(([id, { Type, Properties }]) =>
        Type === type ? [[ids.get(id), Properties]] : [],
      ),
    );
  const [pipeline] = Object.values(ofType('AWS::CodePipeline::Pipeline'));
  return { pipeline, projects: ofType('AWS::CodeBuild::Project') } as DeployedPipeline;
}
