// An app with CDK Pipelines that rotates secrets in several accounts: a stage for each account.
import { App, Stack, Stage } from 'aws-cdk-lib';
import { BuildSpec } from 'aws-cdk-lib/aws-codebuild';
import { CodePipeline, CodePipelineSource, type IFileSetProducer, ShellStep } from 'aws-cdk-lib/pipelines';
// In your own app: from 'zilliz-secret-rotation'
import { readConfiguration, rotationStacks } from '../../infra/index.ts';

const PIPELINE_ACCOUNT = '123456789012';
const REGION = 'us-east-1';
/** The connection to the repository of this app. */
const CONNECTION = 'arn:aws:codeconnections:us-east-1:123456789012:connection/01234567-89ab-cdef-0123-456789abcdef';
/** The account of each stage. The configuration file has the name of the stage. */
const ACCOUNTS = { orders: '111122223333' };

const stack = new Stack(new App(), 'Pipeline', { env: { account: PIPELINE_ACCOUNT, region: REGION } });
const repository = CodePipelineSource.connection('example/rotation', 'main', { connectionArn: CONNECTION });
const synth = new ShellStep('Synth', {
  // With exactOptionalPropertyTypes, the classes of the CDK need the two casts to this interface.
  input: repository as IFileSetProducer,
  commands: ['npm ci', 'npx cdk synth'],
});
const pipeline = new CodePipeline(stack, 'Pipeline', {
  synth: synth as IFileSetProducer,
  crossAccountKeys: true,
  codeBuildDefaults: {
    // Without a version, CodeBuild's image runs Node 18, which runs no TypeScript.
    partialBuildSpec: BuildSpec.fromObject({ phases: { install: { 'runtime-versions': { nodejs: 24 } } } }),
  },
});
for (const [name, account] of Object.entries(ACCOUNTS)) {
  const stage = new Stage(stack, name, { env: { account, region: REGION } });
  rotationStacks(stage, readConfiguration(`${name}.yaml`));
  pipeline.addStage(stage);
}
