import { randomBytes, randomUUID } from 'node:crypto';
import { SecretsManager } from '@aws-sdk/client-secrets-manager';
import { parseEndpoint } from '../../cluster/endpoint.ts';
import { createPasswordGenerator } from '../../cluster/generated-password.ts';
import { createMilvusCluster } from '../../cluster/grpc/milvus-cluster.ts';
import { DEFAULT_PASSWORD_POLICY } from '../../cluster/password-policy.ts';
import { awsOptions } from '../../local/cloud/access.ts';
import { untilRotation } from '../../local/cloud/emulator-control.ts';
import { startOperatorCommand } from '../../local/cloud/operator-command.ts';
import type { AttachedCloud } from '../../local/local-cloud.ts';
import { parseDocument } from '../../secret/document.ts';
import { newDocument } from '../../secret/new-secret.ts';
import { STRATEGY_NAMES, type StrategyName } from '../../secret/rotation-strategy.ts';
import { sentLabel } from '../../secret/versions.ts';
import { EmulatorControl } from '../faults/emulator-control.ts';

/** The users of the secrets, the applications and the administrator reach this server. */
export const SERVER = 'tls';

const passwords = createPasswordGenerator(DEFAULT_PASSWORD_POLICY);

/** A secret that the deployed function rotates, and what people do with it. */
export class ContinuitySecret {
  readonly name: string;
  readonly strategy: StrategyName;
  readonly control: EmulatorControl;
  /** The first user is in AWSCURRENT before the first rotation. */
  readonly usernames: readonly string[];
  readonly #cloud: AttachedCloud;
  readonly #aws: SecretsManager;

  constructor(cloud: AttachedCloud, strategy: StrategyName, id: string) {
    this.name = `continuity-${id}/${strategy}`;
    this.strategy = strategy;
    this.usernames = strategy === 'single-user' ? [`single_${id}`] : [`first_${id}`, `second_${id}`];
    this.control = new EmulatorControl(cloud.access.awsUrl, this.name);
    this.#cloud = cloud;
    this.#aws = new SecretsManager(awsOptions(cloud.access));
  }

  /** Creates the users, and the secret with a version for each user. */
  async create(): Promise<void> {
    for (const [index, username] of this.usernames.entries()) {
      const password = passwords.generate();
      await this.#cloud.createClusterUser(SERVER, { username, password, roles: ['admin'] });
      const value = this.#document(username, password);
      if (index === 0) {
        await this.#aws.createSecret({ Name: this.name, SecretString: value });
      } else {
        const versionId = randomUUID();
        await this.#storeWithLabel(value, versionId, sentLabel(versionId));
      }
    }
  }

  /** Rotates once. @throws Error if no attempt succeeds. */
  async rotate(): Promise<void> {
    await this.startRotation();
    await this.rotated();
  }

  /** Waits until no further attempt follows. @throws Error if the last one did not succeed. */
  async rotated(): Promise<void> {
    const { history } = await untilRotation(this.#cloud.access, this.name, 'idle', 120);
    const end = history.at(-1)?.event;
    if (end !== 'RotationSucceeded') {
      throw new Error(`The rotation of ${this.name} ended with ${end}.`);
    }
  }

  async startRotation(): Promise<void> {
    // The function's gap has minutes. The measurement keeps a gap of seconds by itself.
    const ClientRequestToken = `without-gap-${randomUUID()}`;
    await this.#aws.rotateSecret({ SecretId: this.name, ClientRequestToken });
  }

  async cancelRotation(): Promise<void> {
    await this.#aws.cancelRotateSecret({ SecretId: this.name });
  }

  /**
   * Changes a password as a person does without the function: stores the new password without
   * moving AWSCURRENT, and sets it on the cluster.
   */
  async changeByHand(user: 'in AWSCURRENT' | 'in AWSPREVIOUS'): Promise<void> {
    const { username, password } = await this.#credential(user === 'in AWSCURRENT' ? 'AWSCURRENT' : 'AWSPREVIOUS');
    const next = passwords.generate();
    await this.#storeWithLabel(this.#document(username, next), randomUUID(), 'by-hand');
    const milvus = createMilvusCluster({ privateCa: this.#cloud.access.milvus[SERVER].caPem });
    const endpoint = parseEndpoint(this.#endpoint, { allowed: ['127.0.0.1', 'localhost'], allowPlaintext: false });
    const answer = await milvus.changePassword({ endpoint, username, password }, next);
    if (answer.kind !== 'changed') {
      throw new Error(`The password of ${username} was not changed by hand: ${answer.answer}`);
    }
  }

  /** @throws Error if the command does not exit with 0. */
  async operatorCommand(command: 'repair' | 'rotate', ...options: readonly string[]): Promise<void> {
    const args = [command, this.name, '--yes', ...options];
    const { code, out, err } = await startOperatorCommand(this.#cloud.access, args).result;
    if (code !== 0) {
      throw new Error(`zilliz-rotation ${command} exited with ${code}:\n${out}${err}`);
    }
  }

  close(): void {
    this.#aws.destroy();
  }

  get #endpoint(): string {
    return this.#cloud.access.milvus[SERVER].endpoint;
  }

  #document(username: string, password: string): string {
    return newDocument({ endpoint: this.#endpoint, username, password });
  }

  async #credential(VersionStage: string): Promise<{ username: string; password: string }> {
    const answer = await this.#aws.getSecretValue({ SecretId: this.name, VersionStage });
    return parseDocument(answer.SecretString ?? '');
  }

  async #storeWithLabel(SecretString: string, ClientRequestToken: string, label: string): Promise<void> {
    await this.#aws.putSecretValue({ SecretId: this.name, SecretString, ClientRequestToken, VersionStages: [label] });
  }
}

/**
 * Creates a secret for each strategy, and deploys the stack with the function that rotates both
 * with the real `cdk deploy`.
 */
export async function deploySecrets(cloud: AttachedCloud): Promise<ContinuitySecret[]> {
  const id = randomBytes(4).toString('hex');
  const secrets = STRATEGY_NAMES.map((strategy) => new ContinuitySecret(cloud, strategy, id));
  for (const secret of secrets) {
    await secret.create();
  }
  const { caFile, milvus } = cloud.access;
  await cloud.deploy(
    JSON.stringify({
      stackName: `Continuity${id}`,
      function: { allowedEndpoints: ['127.0.0.1', 'localhost'], caFile },
      secrets: secrets.map(({ name, strategy, usernames: [username, ...others] }) => ({
        name,
        schedule: 'rate(300 days)',
        endpoint: milvus[SERVER].endpoint,
        ...(others.length === 0 ? { username } : { strategy, usernames: [username, ...others] }),
      })),
    }),
  );
  await Promise.all(secrets.map(({ control }) => control.reaches('idle')));
  return secrets;
}
