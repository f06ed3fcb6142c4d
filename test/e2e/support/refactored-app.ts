import { App, Duration, Stack } from 'aws-cdk-lib';
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import {
  CredentialRotation,
  type CredentialRotationProps,
  RotationSchedule,
  RotationStack,
  readConfiguration,
} from '../../../infra/index.ts';

/**
 * The stack of a configuration file, and a team's stack that uses its function. The context
 * `refactored` renames one construct of the team, and moves two to the stack of the file.
 */
const app = new App();
const context = (key: string): string => String(app.node.getContext(key));
const refactored = context('refactored') === 'yes';

const configuration = readConfiguration(context('config'));
const main = new RotationStack(app, configuration.stackName, { configuration });
const team = new Stack(app, `${configuration.stackName}Team`);
const newPlace = refactored ? main : team;

function rotate(stack: Stack, id: string, props: CredentialRotationProps): void {
  const schedule = RotationSchedule.rate(Duration.days(7));
  new CredentialRotation(stack, id, { rotationFunction: main.rotationFunction, schedule, ...props });
}

function existing(stack: Stack, name: string): { readonly secret: ISecret } {
  return { secret: Secret.fromSecretNameV2(stack, `Imported${name}`, name) };
}

rotate(team, refactored ? 'NewId' : 'Id', existing(team, context('renamed')));
rotate(newPlace, 'Moved', existing(newPlace, context('moved')));
const secretName = context('created');
rotate(newPlace, 'Created', {
  ...(context('createdIs') === 'new' ? { secretName } : existing(newPlace, secretName)),
  endpoint: context('endpoint'),
  username: context('username'),
});
