import { randomUUID } from 'node:crypto';
import { type DescribeSecretResponse, SecretsManager } from '@aws-sdk/client-secrets-manager';
import type { Credentials } from '../../protocol/cluster/cluster.ts';
import { parseEndpoint } from '../../protocol/cluster/endpoint.ts';
import { newDocument, parseDocument, type SecretDocument } from '../../protocol/secret/document.ts';
import { AWSCURRENT, AWSPENDING, sentLabel } from '../../protocol/secret/versions.ts';
import { createClusterUser, newPassword } from '../servers/milvus-client.ts';
import { awsOptions, LOOPBACK, type MilvusAccess } from './access.ts';
import { ControlledRotation, type Emulator } from './emulator-control.ts';

/** A version of a secret. Default: AWSCURRENT. */
export type Version = Readonly<{ VersionId?: string | undefined; VersionStage?: string }>;

/** A secret in the local cloud, and what people do with it and with its cluster users. */
export class CloudSecret extends ControlledRotation {
  readonly aws: SecretsManager;

  /** @param at the account and the region of the secret. @default those of the local cloud */
  constructor(emulator: Emulator, name: string, at?: Parameters<typeof awsOptions>[1]) {
    super(emulator, name);
    this.aws = new SecretsManager(awsOptions(emulator, at));
  }

  /** @returns the ARN */
  async create(SecretString: string, tags: Readonly<Record<string, string>> = {}): Promise<string> {
    const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
    const { ARN = '' } = await this.aws.createSecret({ Name: this.name, SecretString, Tags });
    return ARN;
  }

  /**
   * Creates cluster users and their secret. The first user is in AWSCURRENT, and a second user
   * takes turns with the first.
   *
   * @param endpoint where the function and the applications reach the server.
   * @returns the ARN
   */
  async createWithUsers(
    server: MilvusAccess,
    usernames: readonly string[],
    { endpoint = server.endpoint, roles = [] }: { endpoint?: string; roles?: readonly string[] } = {},
  ): Promise<string> {
    const values = [];
    for (const username of usernames) {
      const password = newPassword();
      await createClusterUser(server, { username, password, roles });
      values.push(newDocument({ endpoint, username, password }));
    }
    const [first = '', ...others] = values;
    const arn = await this.create(first);
    for (const value of others) {
      await this.storeOtherUser(value);
    }
    return arn;
  }

  /** Stores the value of the user that takes turns with the user in AWSCURRENT. */
  async storeOtherUser(value: string): Promise<void> {
    const token = randomUUID();
    await this.store(value, sentLabel(token), token);
  }

  /** Configures the rotation by a function, and waits until testSecret has run. */
  async configureRotation(RotationLambdaARN: string): Promise<void> {
    // Without an immediate rotation, Secrets Manager only runs testSecret.
    await this.aws.rotateSecret({
      SecretId: this.name,
      RotationLambdaARN,
      RotationRules: { AutomaticallyAfterDays: 300 },
      RotateImmediately: false,
    });
    await this.until();
  }

  /** @returns the id of the rotation's version */
  async startRotation(ClientRequestToken: string = randomUUID()): Promise<string> {
    await this.aws.rotateSecret({ SecretId: this.name, ClientRequestToken });
    return ClientRequestToken;
  }

  /** Rotates and waits until no step runs. @returns the id of the rotation's version */
  async rotate(token?: string): Promise<string> {
    const started = await this.startRotation(token);
    await this.until('settled');
    return started;
  }

  /**
   * Starts exactly one attempt. If a rotation is unfinished, Secrets Manager refuses RotateSecret
   * and retries that rotation.
   */
  async startAttempt(): Promise<void> {
    // The emulator counts the attempt of an unfinished rotation as a retry.
    await this.setRetries((await this.unfinishedToken()) === undefined ? 0 : 1);
    try {
      await this.startRotation();
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'InvalidRequestException') {
        throw error;
      }
    }
  }

  /** Makes exactly one attempt. */
  async attempt(): Promise<void> {
    await this.startAttempt();
    await this.until();
  }

  async cancelRotation(): Promise<void> {
    await this.aws.cancelRotateSecret({ SecretId: this.name });
  }

  /** Starts a rotation, and stores a value before setSecret, which ends the rotation. */
  async abandonRotation(value: string): Promise<void> {
    await this.holdBefore('setSecret');
    await this.startRotation();
    await this.until('held');
    await this.store(value);
    await this.until();
  }

  /** Removes AWSPENDING of an unfinished rotation, so that another rotation can start. */
  async removePendingByHand(): Promise<void> {
    const RemoveFromVersionId = await this.unfinishedToken();
    if (RemoveFromVersionId !== undefined) {
      const label = { SecretId: this.name, VersionStage: AWSPENDING };
      await this.aws.updateSecretVersionStage({ ...label, RemoveFromVersionId });
    }
  }

  /** @returns the id of the version */
  async store(SecretString: string, label: string = AWSCURRENT, token: string = randomUUID()): Promise<string> {
    const version = { SecretString, ClientRequestToken: token, VersionStages: [label] };
    await this.aws.putSecretValue({ SecretId: this.name, ...version });
    return token;
  }

  /** Stores AWSCURRENT with other values of these keys, as a person does. The other keys stay. */
  async edit(keys: object): Promise<void> {
    await this.store(JSON.stringify({ ...JSON.parse(await this.value()), ...keys }));
  }

  async describe(): Promise<DescribeSecretResponse> {
    return await this.aws.describeSecret({ SecretId: this.name });
  }

  /** The id of the version that has each label. */
  async labels(): Promise<Readonly<Record<string, string>>> {
    const { VersionIdsToStages = {} } = await this.describe();
    const versions = Object.entries(VersionIdsToStages);
    return Object.fromEntries(versions.flatMap(([id, labels]) => labels.map((label) => [label, id])));
  }

  async unfinishedToken(): Promise<string | undefined> {
    const { [AWSPENDING]: pending, [AWSCURRENT]: current } = await this.labels();
    return pending === current ? undefined : pending;
  }

  async value(version: Version = {}): Promise<string> {
    const { SecretString = '' } = await this.aws.getSecretValue({ SecretId: this.name, ...version });
    return SecretString;
  }

  async password(): Promise<string> {
    return parseDocument(await this.value()).password;
  }

  /** The credential in a version, at the endpoint that the version names. */
  async credential(version: Version = {}): Promise<Credentials> {
    const { endpoint = '', username, password } = parseDocument(await this.value(version));
    return { endpoint: parseEndpoint(endpoint, LOOPBACK), username, password };
  }

  /** The credentials of all versions, also of versions without a label. */
  async documents(): Promise<SecretDocument[]> {
    const { Versions = [] } = await this.aws.listSecretVersionIds({ SecretId: this.name, IncludeDeprecated: true });
    const values = await Promise.all(Versions.map(({ VersionId }) => this.value({ VersionId })));
    return values.flatMap((value) => documentIn(value));
  }
}

/** Empty for a value that is no credential. */
function documentIn(value: string): SecretDocument[] {
  try {
    return [parseDocument(value)];
  } catch {
    return [];
  }
}
