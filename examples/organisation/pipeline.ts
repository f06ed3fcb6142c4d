// Rotation in several accounts with CDK Pipelines: a stage for each account. `cdk deploy Pipeline
// --app "node examples/organisation/pipeline.ts"`
import { fileURLToPath } from 'node:url';
import { App, type Environment, Stack, type StackProps, Stage } from 'aws-cdk-lib';
import { CodePipeline, CodePipelineSource, type IFileSetProducer, ShellStep } from 'aws-cdk-lib/pipelines';
import type { Construct } from 'constructs';
// In your own app: from 'zilliz-secret-rotation'
import { type Configuration, readConfiguration, rotationStacks } from '../../infra/index.ts';

interface RotationPipelineProps extends StackProps {
  /** The connection to the repository of this app. */
  readonly connectionArn: string;
  readonly accounts: readonly { name: string; env: Required<Environment>; configuration: Configuration }[];
}

export class RotationPipeline extends Stack {
  constructor(scope: Construct, id: string, { connectionArn, accounts, ...props }: RotationPipelineProps) {
    super(scope, id, props);
    // With exactOptionalPropertyTypes, the classes of the CDK need these two casts.
    const input = CodePipelineSource.connection('example/rotation', 'main', { connectionArn }) as IFileSetProducer;
    const synth = new ShellStep('Synth', { input, commands: ['npm ci', 'npx cdk synth'] }) as IFileSetProducer;
    const pipeline = new CodePipeline(this, 'Pipeline', { synth, crossAccountKeys: true });
    for (const { name, env, configuration } of accounts) {
      const stage = new Stage(this, name, { env });
      rotationStacks(stage, configuration);
      pipeline.addStage(stage);
    }
  }
}

if (import.meta.main) {
  const configurationOf = (name: string): Configuration =>
    readConfiguration(fileURLToPath(new URL(`${name}.yaml`, import.meta.url)));
  new RotationPipeline(new App(), 'Pipeline', {
    env: { account: '123456789012', region: 'us-east-1' },
    connectionArn: 'arn:aws:codeconnections:us-east-1:123456789012:connection/01234567-89ab-cdef-0123-456789abcdef',
    accounts: [
      {
        name: 'Orders',
        env: { account: '111122223333', region: 'us-east-1' },
        configuration: configurationOf('orders'),
      },
    ],
  });
}
