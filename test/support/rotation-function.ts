// A rotation function that changes no cluster, and fails the step that its environment names.
import { SecretsManager } from '@aws-sdk/client-secrets-manager';
import type { RotationEvent } from '../../local/cloud/lambda-function.ts';

const aws = new SecretsManager({});

export async function handler({ Step, SecretId, ClientRequestToken }: RotationEvent): Promise<void> {
  if (Step === process.env['FAIL_STEP']) {
    throw new Error(`configured to fail in ${Step}`);
  }
  const { VersionIdsToStages = {} } = await aws.describeSecret({ SecretId });
  const [current] = Object.entries(VersionIdsToStages).find(([, labels]) => labels.includes('AWSCURRENT')) ?? [];
  if (Step === 'createSecret') {
    const version = { ClientRequestToken, VersionStages: ['AWSPENDING'] };
    await aws.putSecretValue({ SecretId, SecretString: `rotated to ${ClientRequestToken}`, ...version });
  } else if (Step === 'finishSecret') {
    const move = { VersionStage: 'AWSCURRENT', MoveToVersionId: ClientRequestToken, RemoveFromVersionId: current };
    await aws.updateSecretVersionStage({ SecretId, ...move });
  }
}
