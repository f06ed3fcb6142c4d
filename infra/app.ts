import { App, CfnOutput } from 'aws-cdk-lib';
import { ConfigurationError, readConfiguration } from './configuration/read-configuration.ts';
import { configuredName, kindOf, type SecretConfiguration } from './configuration/secret-keys.ts';
import { RotationPropsError } from './rules/check-props.ts';
import { rotationStacks } from './stack/rotation-stack.ts';

/**
 * The account and the region of the AWS profile. Without credentials and without a region, the CDK
 * says us-east-1, although nobody has chosen this region.
 */
function deployment(): { account: string | undefined; region: string | undefined } {
  const { CDK_DEFAULT_ACCOUNT: account, CDK_DEFAULT_REGION: region, AWS_REGION, AWS_DEFAULT_REGION } = process.env;
  return { account, region: account || AWS_REGION || AWS_DEFAULT_REGION ? region : undefined };
}

/**
 * The first commands after the first deployment. A secret that the stack creates has a placeholder,
 * so another secret comes first. The order of the entries must not change the template.
 */
function nextStep(secrets: readonly SecretConfiguration[]): string {
  const existing = secrets.filter((secret) => kindOf(secret) !== 'create');
  const [name = ''] = (existing.length > 0 ? existing : secrets).map(configuredName).toSorted();
  const commands = [...(existing.length > 0 ? [] : [`init ${name}`]), `rotate ${name}`, 'status --all'];
  return commands.map((command) => `npx --no-install zilliz-rotation ${command}`).join(' && ');
}

/** The CDK app. `cdk deploy -c config=FILE` uses FILE. Default: rotation.yaml beside cdk.json. */
const app = new App();
const file: unknown = app.node.tryGetContext('config') ?? 'rotation.yaml';
try {
  const configuration = readConfiguration(String(file), deployment());
  for (const lastDeployed of rotationStacks(app, configuration).slice(-1)) {
    new CfnOutput(lastDeployed, 'NextStep', { value: nextStep(configuration.secrets) });
  }
} catch (error) {
  if (!(error instanceof ConfigurationError || error instanceof RotationPropsError)) {
    throw error;
  }
  // Prints no stack trace, because the configuration file is wrong.
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
