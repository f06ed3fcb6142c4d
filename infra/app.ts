import { App } from 'aws-cdk-lib';
import { ConfigurationError, readConfiguration } from './configuration/read-configuration.ts';
import { rotationStacks } from './stack/rotation-stacks.ts';

/** `cdk deploy -c config=prod.yaml`; without it rotation.yaml beside cdk.json, where CDK starts this program. */
const app = new App();
const file: unknown = app.node.tryGetContext('config') ?? 'rotation.yaml';
try {
  rotationStacks(app, readConfiguration(String(file)));
} catch (error) {
  if (!(error instanceof ConfigurationError)) {
    throw error;
  }
  // The mistakes are the author's to read: a stack trace of ours would only push them out of sight.
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
