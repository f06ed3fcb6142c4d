import {
  DescribeSecretCommand,
  type DescribeSecretCommandOutput,
  GetSecretValueCommand,
  type GetSecretValueCommandOutput,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { isAws, storeError } from '../adapters/aws-errors.ts';

/** The labels of the versions that a cluster may accept. */
export type Stage = 'AWSCURRENT' | 'AWSPENDING' | 'AWSPREVIOUS';

/** One version of the secret. */
export interface SecretVersion {
  /** Changes with the value. Events show it, so it must not contain a part of the value. */
  readonly versionId: string;
  /** JSON with `username` and `password`, JSON with `apiKeyId` and `apiKey`, or `user:password`. */
  readonly value: string;
}

/** Where the credentials come from. Implement it for Vault, for a file or for a test. */
export interface CredentialSource {
  /**
   * Loads the version with a label. A source without labels has only the version AWSCURRENT.
   *
   * @param signal Aborted when nobody waits for the version any more.
   * @returns undefined if no version has the label.
   */
  load(stage: Stage, signal: AbortSignal): Promise<SecretVersion | undefined>;
  /**
   * The time of the next rotation, if it is known. The client reads the secret before that time.
   *
   * @default the client reads in the intervals of `backgroundIntervalMs`
   */
  nextRotation?(signal: AbortSignal): Promise<Date | undefined>;
  /** Called once, when the client is closed. @default nothing */
  close?(): unknown;
}

/**
 * A `SecretsManagerClient` of any version of the AWS SDK. The client sends `GetSecretValueCommand`
 * and `DescribeSecretCommand`.
 */
export interface SecretsManagerLike {
  send(command: never, options?: never): Promise<unknown>;
}

/**
 * {@link CredentialSource} on AWS Secrets Manager.
 *
 * @param given The caller closes it. Without it, the source makes and closes a client of its own.
 */
export function secretsManagerSource(secretId: string, given?: SecretsManagerLike): CredentialSource {
  const own = given === undefined ? new SecretsManagerClient() : undefined;
  const client = (own ?? given) as {
    send(command: object, options: { abortSignal: AbortSignal }): Promise<unknown>;
  };
  // The role of an application may lack these two permissions. Expired credentials are no lack.
  let maySeeSchedule = true;
  let maySeePrevious = true;
  return {
    load: async (stage, abortSignal) => {
      if (stage === 'AWSPREVIOUS' && !maySeePrevious) {
        return undefined;
      }
      try {
        const command = new GetSecretValueCommand({ SecretId: secretId, VersionStage: stage });
        const answer = (await client.send(command, { abortSignal })) as GetSecretValueCommandOutput;
        return { versionId: answer.VersionId ?? '', value: answer.SecretString ?? '' };
      } catch (error) {
        // RotateSecret puts AWSPENDING on a version without a value.
        if (stage !== 'AWSCURRENT' && isAws(error, 'ResourceNotFoundException')) {
          return undefined;
        }
        if (stage === 'AWSPREVIOUS' && isAws(error, 'AccessDeniedException')) {
          maySeePrevious = false;
          return undefined;
        }
        throw storeError('GetSecretValue', error);
      }
    },

    nextRotation: async (abortSignal) => {
      if (!maySeeSchedule) {
        return undefined;
      }
      try {
        const command = new DescribeSecretCommand({ SecretId: secretId });
        const answer = (await client.send(command, { abortSignal })) as DescribeSecretCommandOutput;
        return answer.NextRotationDate;
      } catch (error) {
        maySeeSchedule = !isAws(error, 'AccessDeniedException');
        return undefined;
      }
    },

    close: () => own?.destroy(),
  };
}
