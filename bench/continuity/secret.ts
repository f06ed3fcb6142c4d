import { randomBytes, randomUUID } from 'node:crypto';
import { type KeyCloud, startKeyCloud } from '../../local/api-keys/key-cloud.ts';
import { CloudSecret } from '../../local/cloud/cloud-secret.ts';
import { startOperatorCommand } from '../../local/cloud/operator-command.ts';
import { takesTurns } from '../../local/cloud/takes-turns.ts';
import type { AttachedCloud } from '../../local/local-cloud.ts';
import { type MilvusAddress, newPassword, setPassword } from '../../local/servers/milvus-client.ts';
import { newDocument } from '../../protocol/secret/document.ts';
import { pinsOfUsers, type StrategyName, USER_STRATEGY_NAMES } from '../../protocol/secret/rotated-secrets.ts';

/** The users of the secrets, the applications and the administrator reach this server. */
export const SERVER = 'tls';

/** A secret that the deployed function rotates, and what people do with it. */
export class ContinuitySecret extends CloudSecret {
  readonly strategy: StrategyName;
  /** The first user is in AWSCURRENT before the first rotation. */
  readonly usernames: readonly string[];
  /** The cluster, as the applications reach it. */
  readonly cluster: MilvusAddress;
  readonly #cloud: AttachedCloud;
  readonly #keys: KeyCloud | undefined;

  /** @param keys a cluster that accepts API keys, and has the data of {@link SERVER}. */
  constructor(cloud: AttachedCloud, strategy: StrategyName, id: string, keys?: KeyCloud) {
    super(cloud.access, `continuity-${id}/${strategy}`);
    this.strategy = strategy;
    this.usernames = takesTurns(strategy) ? [`first_${id}`, `second_${id}`] : [`single_${id}`];
    this.cluster = keys === undefined ? cloud.access.milvus[SERVER] : { endpoint: keys.endpoint };
    this.#cloud = cloud;
    this.#keys = keys;
  }

  close(): void {
    void this.#keys?.close();
  }

  /** When the first API key was deleted, of `performance.now()`. undefined if none was. */
  get keyDeletedAt(): number | undefined {
    return this.#keys?.directory.firstDeletedAt;
  }

  /** Rotates once. @throws Error if no attempt succeeds. */
  override async rotate(): Promise<string> {
    const token = await this.startRotation();
    await this.rotated();
    return token;
  }

  /** Waits until no further attempt follows. @throws Error if the last one did not succeed. */
  async rotated(): Promise<void> {
    const { history } = await this.until();
    const end = history.at(-1)?.event;
    if (end !== 'RotationSucceeded') {
      throw new Error(`The rotation of ${this.name} ended with ${end}.`);
    }
  }

  override startRotation(): Promise<string> {
    // The function's gap has minutes. The measurement keeps a gap of seconds by itself.
    return super.startRotation(`without-gap-${randomUUID()}`);
  }

  /**
   * Changes a password as a person does without the function: stores the new password without
   * moving AWSCURRENT, and sets it on the cluster.
   */
  async changeByHand(VersionStage: 'AWSCURRENT' | 'AWSPREVIOUS'): Promise<void> {
    const credential = await this.credential({ VersionStage });
    const next = newPassword();
    await this.store(newDocument({ ...credential, endpoint: this.cluster.endpoint, password: next }), 'by-hand');
    await setPassword(this.#cloud.access.milvus[SERVER], credential, next);
  }

  /** @throws Error if the command does not exit with 0. */
  async operatorCommand(command: 'repair' | 'rotate', ...options: readonly string[]): Promise<void> {
    const args = [command, this.name, '--yes', ...options];
    const { code, out, err } = await startOperatorCommand(this.#cloud.access, args).result;
    if (code !== 0) {
      throw new Error(`zilliz-rotation ${command} exited with ${code}:\n${out}${err}`);
    }
  }
}

/**
 * Creates a secret for each strategy, and deploys the stack with the function that rotates all of
 * them with the real `cdk deploy`.
 */
export async function deploySecrets(cloud: AttachedCloud): Promise<ContinuitySecret[]> {
  const id = randomBytes(4).toString('hex');
  const { caFile, milvus } = cloud.access;
  const ofUsers = USER_STRATEGY_NAMES.map((strategy) => new ContinuitySecret(cloud, strategy, id));
  for (const secret of ofUsers) {
    await secret.createWithUsers(milvus[SERVER], secret.usernames, { roles: ['admin'] });
  }
  const keys = await startKeyCloud(milvus[SERVER]);
  const { id: apiKeyId, key } = keys.createKey();
  const ofKey = new ContinuitySecret(cloud, 'api-key', id, keys);
  await ofKey.create(newDocument({ endpoint: keys.endpoint, form: 'api-key', username: apiKeyId, password: key }));
  const managerSecretArn = await new CloudSecret(cloud.access, `continuity-manager-${id}`).create(keys.managerKey);
  const schedule = 'rate(300 days)';
  await cloud.deploy(
    JSON.stringify({
      stackName: `Continuity${id}`,
      function: {
        allowedEndpoints: ['127.0.0.1', 'localhost'],
        caFile,
        managerSecretArn,
        controlPlaneUrl: keys.controlPlaneUrl,
      },
      secrets: [
        ...ofUsers.map(({ name, strategy, usernames }) => ({
          name,
          schedule,
          endpoint: milvus[SERVER].endpoint,
          strategy,
          ...pinsOfUsers(usernames),
        })),
        { name: ofKey.name, schedule, endpoint: keys.endpoint, apiKeyId },
      ],
    }),
  );
  const secrets = [...ofUsers, ofKey];
  await Promise.all(secrets.map((secret) => secret.until()));
  return secrets;
}
