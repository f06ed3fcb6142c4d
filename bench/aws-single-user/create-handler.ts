import {
  DescribeSecretCommand,
  GetRandomPasswordCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { rotateSingleUser, type SingleUserCluster, type SingleUserSecret } from './rotation.ts';

const client = new SecretsManagerClient({});

interface RotationEvent {
  readonly Step: string;
  readonly SecretId: string;
  readonly ClientRequestToken: string;
}

/** The Lambda handler of AWS's single-user algorithm, for any way to reach the cluster. */
export function createHandler(cluster: SingleUserCluster): (event: RotationEvent) => Promise<void> {
  return (event) => rotateSingleUser(event.Step, event.ClientRequestToken, secretOf(event.SecretId), cluster);
}

function secretOf(SecretId: string): SingleUserSecret {
  return {
    describe: async () => {
      const answer = await client.send(new DescribeSecretCommand({ SecretId }));
      return { rotationEnabled: answer.RotationEnabled, stages: answer.VersionIdsToStages ?? {} };
    },
    get: async (VersionStage, VersionId) => {
      try {
        const input = { SecretId, VersionStage, ...(VersionId === undefined ? {} : { VersionId }) };
        return (await client.send(new GetSecretValueCommand(input))).SecretString;
      } catch (error) {
        if (error instanceof ResourceNotFoundException) {
          return undefined;
        }
        throw error;
      }
    },
    randomPassword: async () => {
      const answer = await client.send(
        new GetRandomPasswordCommand({ PasswordLength: 32, ExcludeCharacters: '/@"\'\\' }),
      );
      return answer.RandomPassword ?? '';
    },
    putPending: async (ClientRequestToken, SecretString) => {
      const VersionStages = ['AWSPENDING'];
      await client.send(new PutSecretValueCommand({ SecretId, ClientRequestToken, SecretString, VersionStages }));
    },
    moveCurrent: async ({ to, from }) => {
      await client.send(
        new UpdateSecretVersionStageCommand({
          SecretId,
          VersionStage: 'AWSCURRENT',
          MoveToVersionId: to,
          RemoveFromVersionId: from,
        }),
      );
    },
  };
}
