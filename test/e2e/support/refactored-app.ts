import { readFileSync } from 'node:fs';
import { App, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { CredentialRotation, RotationSchedule, RotationStack, readConfiguration } from '../../../infra/index.ts';

/** One construct of the team. */
export interface TeamRotation {
  /** The stack of the configuration file, or that of the team. */
  readonly stack: 'main' | 'team';
  readonly id: string;
  readonly secret: string;
  /** For a secret that the stack creates. Absent: an existing secret. */
  readonly removalPolicy?: 'retain' | 'destroy';
  readonly endpoint: string;
  readonly username: string;
  /** Whether the construct creates a function for its secret. */
  readonly hasOwnFunction?: boolean;
}

/** The stack of a configuration file, and a team's stack that uses its function. */
function refactoredApp(app: App): void {
  const configuration = readConfiguration(String(app.node.getContext('config')));
  const main = new RotationStack(app, configuration.stackName, { configuration });
  const team = new Stack(app, `${configuration.stackName}Team`);
  const { allowedEndpoints = [], caFile = '' } = configuration.function;
  for (const rotation of app.node.getContext('rotations') as readonly TeamRotation[]) {
    const { stack, id, secret, removalPolicy, endpoint, username, hasOwnFunction } = rotation;
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
      ...(hasOwnFunction === true
        ? { allowedEndpoints, certificateAuthority: readFileSync(caFile, 'utf8') }
        : { rotationFunction: main.rotationFunction }),
      schedule: RotationSchedule.rate(Duration.days(30)),
    });
  }
}

if (import.meta.main) {
  refactoredApp(new App());
}
