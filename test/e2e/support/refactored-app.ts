import { App, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { CredentialRotation, RotationSchedule, RotationStack, readConfiguration } from '../../../infra/index.ts';

/** One construct of the team. */
export interface TeamRotation {
  /** The stack of the configuration file, or that of the team. */
  readonly stack: 'main' | 'team';
  readonly id: string;
  readonly secret: string;
  /** Of a secret that the stack creates. Absent: an existing secret. */
  readonly removalPolicy?: 'retain' | 'destroy';
  readonly endpoint: string;
  readonly username: string;
}

/** The stack of a configuration file, and a team's stack that uses its function. */
function refactoredApp(app: App): void {
  const configuration = readConfiguration(String(app.node.getContext('config')));
  const main = new RotationStack(app, configuration.stackName, { configuration });
  const team = new Stack(app, `${configuration.stackName}Team`);
  for (const { stack, id, secret, removalPolicy, endpoint, username } of app.node.getContext(
    'rotations',
  ) as readonly TeamRotation[]) {
    const scope = stack === 'main' ? main : team;
    const source =
      removalPolicy === undefined
        ? { secret: Secret.fromSecretNameV2(scope, `Imported${id}`, secret) }
        : {
            secretName: secret,
            ...(removalPolicy === 'destroy' && { removalPolicy: RemovalPolicy.DESTROY }),
          };
    new CredentialRotation(scope, id, {
      ...{ ...source, endpoint, username },
      rotationFunction: main.rotationFunction,
      schedule: RotationSchedule.rate(Duration.days(30)),
    });
  }
}

if (import.meta.main) {
  refactoredApp(new App());
}
