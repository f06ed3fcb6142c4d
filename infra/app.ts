import { App } from 'aws-cdk-lib';
import { ConfigurationError, readConfiguration } from './configuration/read-configuration.ts';
import { RotationPropsError } from './rules/check-props.ts';
import { rotationStacks } from './stack/rotation-stacks.ts';

/**
 * The account and the region of the AWS profile. Without credentials and without a region, the CDK
 * says us-east-1, although nobody has chosen this region.
 */
function deployment(): { account: string | undefined; region: string | undefined } {
  const { CDK_DEFAULT_ACCOUNT: account, CDK_DEFAULT_REGION: region, AWS_REGION, AWS_DEFAULT_REGION } = process.env;
  return { account, region: account || AWS_REGION || AWS_DEFAULT_REGION ? region : undefined };
}

/** The CDK app. `cdk deploy -c config=FILE` uses FILE. Default: rotation.yaml beside cdk.json. */
const app = new App();
const file: unknown = app.node.tryGetContext('config') ?? 'rotation.yaml';
try {
  rotationStacks(app, readConfiguration(String(file), deployment()));
} catch (error) {
  if (!(error instanceof ConfigurationError || error instanceof RotationPropsError)) {
    throw error;
  }
  // Prints no stack trace, because the configuration file is wrong.
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
