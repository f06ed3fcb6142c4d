import { readFileSync } from 'node:fs';
import { App, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { CredentialRotationProps } from '../../../infra/index.ts';

/** The constructs of the package in this folder, or of this project. */
const constructs: typeof import('../../../infra/index.ts') = await import(process.argv[2] ?? '../../../infra/index.ts');
const { CredentialRotation, RotationSchedule, RotationStack, readConfiguration } = constructs;

/** One construct of the team. */
export interface TeamRotation {
  /** The stack of the configuration file, or that of the team. */
  readonly stack: 'main' | 'team';
  readonly id: string;
  readonly secret: string;
  /** For a secret that the stack creates. Absent: an existing secret. */
  readonly removalPolicy?: 'retain' | 'destroy';
  /** Whether the app creates the secret itself, by a construct of the CDK. */
  readonly isOwnSecret?: boolean;
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
    const { stack, id, endpoint, username, hasOwnFunction } = rotation;
    const scope = stack === 'main' ? main : team;
    new CredentialRotation(scope, id, {
      ...{ ...sourceOf(scope, rotation), endpoint, username },
      ...(hasOwnFunction === true
        ? { allowedEndpoints, certificateAuthority: readFileSync(caFile, 'utf8') }
        : { rotationFunction: main.rotationFunction }),
      schedule: RotationSchedule.rate(Duration.days(30)),
    });
  }
}

function sourceOf(
  scope: Stack,
  { id, secret: secretName, removalPolicy, isOwnSecret, endpoint, username }: TeamRotation,
): Pick<CredentialRotationProps, 'secret' | 'secretName' | 'removalPolicy'> {
  if (isOwnSecret === true) {
    const secretStringTemplate = JSON.stringify({ endpoint, username });
    return {
      secret: new Secret(scope, `Own${id}`, {
        secretName,
        generateSecretString: { secretStringTemplate, generateStringKey: 'password' },
        // By default, CloudFormation deletes the secret.
        ...(removalPolicy === 'retain' && { removalPolicy: RemovalPolicy.RETAIN }),
      }) as ISecret,
    };
  }
  return removalPolicy === undefined
    ? { secret: Secret.fromSecretNameV2(scope, `Imported${id}`, secretName) }
    : { secretName, ...(removalPolicy === 'destroy' && { removalPolicy: RemovalPolicy.DESTROY }) };
}

if (import.meta.main) {
  refactoredApp(new App());
}
