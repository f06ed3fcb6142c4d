import { App } from 'aws-cdk-lib';
import { ConfigurationError, readConfiguration } from './configuration/read-configuration.ts';
import { rotationStacks } from './stack/rotation-stacks.ts';

/** The CDK app. `cdk deploy -c config=FILE` uses FILE. Default: rotation.yaml beside cdk.json. */
const app = new App();
const file: unknown = app.node.tryGetContext('config') ?? 'rotation.yaml';
try {
  rotationStacks(app, readConfiguration(String(file)));
} catch (error) {
  if (!(error instanceof ConfigurationError)) {
    throw error;
  }
  // Prints no stack trace, because the mistakes are in the configuration file.
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
