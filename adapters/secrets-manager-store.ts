import {
  DescribeSecretCommand,
  type DescribeSecretCommandOutput,
  GetSecretValueCommand,
  PutSecretValueCommand,
  paginateListSecretVersionIds,
  type SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import type { RotationRequest } from '../protocol/rotation/rotation-request.ts';
import type { LabelOutcome, ListedVersion, SecretDescription, SecretStore } from '../protocol/secret/secret-store.ts';
import { AWSCURRENT, holderOf } from '../protocol/secret/versions.ts';
import { isAws, storeError } from './aws-errors.ts';

/**
 * {@link SecretStore} on AWS Secrets Manager. The client may retry, because every call may be
 * repeated.
 *
 * @param request `secretId`: name or ARN. `rotationToken` is not optional, so that the compiler
 * notices a caller that drops it. ASSUMPTION sm-rotation-token
 */
export function createSecretsManagerStore(
  client: SecretsManagerClient,
  { secretId, rotationToken }: Pick<RotationRequest, 'secretId' | 'rotationToken'>,
): SecretStore {
  const moveLabel = async (move: { VersionStage: string; MoveToVersionId?: string; RemoveFromVersionId: string }) => {
    try {
      await client.send(new UpdateSecretVersionStageCommand({ SecretId: secretId, ...move }));
      return 'done';
    } catch (error) {
      if (LABEL_NOT_ON_VERSION.some((name) => isAws(error, name))) {
        return 'moved';
      }
      throw storeError('UpdateSecretVersionStage', error);
    }
  };

  const describe = async () =>
    toSecretDescription(
      secretId,
      await send('DescribeSecret', client.send(new DescribeSecretCommand({ SecretId: secretId }))),
    );

  return {
    describe,

    read: async (versionId) => {
      try {
        const answer = await client.send(new GetSecretValueCommand({ SecretId: secretId, VersionId: versionId }));
        // The text of a binary secret is empty, so the caller refuses it as a document.
        return answer.SecretString ?? '';
      } catch (error) {
        // For the empty version that RotateSecret makes, AWS answers as for a missing version.
        // ASSUMPTION sm-empty-pending
        if (isAws(error, 'ResourceNotFoundException')) {
          return undefined;
        }
        throw storeError('GetSecretValue', error);
      }
    },

    list: () => send('ListSecretVersionIds', listVersions(client, secretId)),

    put: async ({ versionId, value, labels }) => {
      try {
        await client.send(
          new PutSecretValueCommand({
            SecretId: secretId,
            ClientRequestToken: versionId,
            SecretString: value,
            VersionStages: [...labels],
            RotationToken: rotationToken,
          }),
        );
        return 'stored';
      } catch (error) {
        // ASSUMPTION sm-write-once
        if (isAws(error, 'ResourceExistsException')) {
          return 'conflict';
        }
        throw storeError('PutSecretValue', error);
      }
    },

    promote: async ({ to, from }): Promise<LabelOutcome> => {
      const outcome = await moveLabel({ VersionStage: AWSCURRENT, MoveToVersionId: to, RemoveFromVersionId: from });
      // The SDK repeats a request whose answer was lost. AWS refuses the repetition of a move.
      return outcome === 'moved' && holderOf(await describe(), AWSCURRENT) === to ? 'done' : outcome;
    },

    addLabel: async ({ label, to }) => {
      const command = new UpdateSecretVersionStageCommand({
        SecretId: secretId,
        VersionStage: label,
        MoveToVersionId: to,
      });
      await send('UpdateSecretVersionStage', client.send(command));
    },

    removeLabel: ({ label, from }): Promise<LabelOutcome> =>
      moveLabel({ VersionStage: label, RemoveFromVersionId: from }),
  };
}

async function listVersions(client: SecretsManagerClient, SecretId: string): Promise<ListedVersion[]> {
  const versions: ListedVersion[] = [];
  const pages = paginateListSecretVersionIds({ client, pageSize: 100 }, { SecretId, IncludeDeprecated: true });
  for await (const { Versions = [] } of pages) {
    for (const { VersionId, VersionStages = [], CreatedDate } of Versions) {
      if (VersionId !== undefined) {
        versions.push({ versionId: VersionId, labels: VersionStages, createdAt: CreatedDate?.getTime() ?? 0 });
      }
    }
  }
  return versions;
}

export function toSecretDescription(
  secretId: string,
  answer: Omit<DescribeSecretCommandOutput, '$metadata'>,
): SecretDescription {
  return {
    arn: answer.ARN ?? secretId,
    name: answer.Name ?? secretId,
    rotationEnabled: answer.RotationEnabled === true,
    lastRotatedAt: answer.LastRotatedDate?.getTime(),
    lastChangedAt: answer.LastChangedDate?.getTime(),
    versions: Object.entries(answer.VersionIdsToStages ?? {}).map(([versionId, labels]) => ({ versionId, labels })),
    tags: Object.fromEntries((answer.Tags ?? []).map(({ Key, Value }) => [Key ?? '', Value ?? ''])),
  };
}

/**
 * Reads the current text of a secret that this product does not rotate.
 *
 * @throws SecretStoreError
 */
export async function readCurrentValue(client: SecretsManagerClient, secretId: string): Promise<string> {
  const answer = await send('GetSecretValue', client.send(new GetSecretValueCommand({ SecretId: secretId })));
  return answer.SecretString ?? '';
}

/**
 * AWS's errors for a label that is not on the named version, and for a version that is gone.
 * ASSUMPTION sm-compare-and-swap
 */
const LABEL_NOT_ON_VERSION = ['InvalidParameterException', 'ResourceNotFoundException'];

async function send<T>(action: string, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw storeError(action, error);
  }
}
