import { Lambda } from '@aws-sdk/client-lambda';
import { expect } from 'vitest';
import { createMilvusCluster } from '../../../adapters/milvus-cluster.ts';
import { CloudSecret } from '../../../local/cloud/cloud-secret.ts';
import type { ArmedFault, SecretsManagerFault } from '../../../local/cloud/emulator-control.ts';
import { takesTurns } from '../../../local/cloud/takes-turns.ts';
import { asRoot } from '../../../local/servers/milvus-client.ts';
import type { Credentials } from '../../../protocol/cluster/cluster.ts';
import { newDocument, parseDocument } from '../../../protocol/secret/document.ts';
import { pinsOfUsers, type UserStrategyName } from '../../../protocol/secret/rotated-secrets.ts';
import { AWSCURRENT } from '../../../protocol/secret/versions.ts';
import type { ManualChanges } from '../../faults/continuations.ts';
import { newSecret, secretNamed } from '../../support/deployed-rotation.ts';
import { DeployedStack } from '../../support/deployed-stack.ts';
import { awsOptions, newPassword, resetPassword, servers, uniqueName } from '../../support/servers.ts';
import { LoadBalancer } from './load-balancer.ts';

/** The deployed function of one strategy, its only secret, and the cluster as it reaches it. */
export class Subject extends CloudSecret implements ManualChanges {
  readonly balancer: LoadBalancer;
  /** One user, or two that take turns. */
  readonly usernames: readonly string[];
  readonly #functionArn: string;
  /** Has a long time limit, because a busy machine must not prevent a judgement. */
  readonly #milvus = createMilvusCluster({ timeoutMs: 60_000 });
  /** What a person stored last in AWSCURRENT, without the credential. */
  #stored = '';
  readonly #armed: ArmedFault[] = [];

  private constructor(name: string, usernames: readonly string[], balancer: LoadBalancer, functionArn: string) {
    super(servers().access, name);
    this.usernames = usernames;
    this.balancer = balancer;
    this.#functionArn = functionArn;
  }

  /** The function has an admin secret, which may reset the password of its users. */
  static async deploy(strategy: UserStrategyName): Promise<Subject> {
    const { endpoint: server, rootPassword: password } = servers().access.milvus.plaintext;
    const balancer = await LoadBalancer.before(server);
    const { endpoint } = balancer;
    const usernames = [uniqueName('user'), ...(takesTurns(strategy) ? [uniqueName('other')] : [])];
    const { name } = await newSecret('a:unused');
    const admin = secretNamed(uniqueName('zilliz/admin'));
    const adminSecretArn = await admin.create(newDocument({ endpoint, username: 'root', password }));
    const entry = { name, endpoint, strategy, ...pinsOfUsers(usernames) };
    const stack = new DeployedStack([entry], { function: { adminSecretArn, minimumGapMinutes: 0 } });
    await stack.deploy();
    return new Subject(name, usernames, balancer, stack.functionArn);
  }

  /** Creates the users and the secret again, and configures the rotation. */
  async begin(): Promise<void> {
    await this.until();
    await this.aws.deleteSecret({ SecretId: this.name, ForceDeleteWithoutRecovery: true });
    const { endpoint } = this.balancer;
    await this.createWithUsers(servers().access.milvus.plaintext, this.usernames, { endpoint });
    this.#stored = withoutCredential(await this.value());
    await this.configureRotation(this.#functionArn);
  }

  async end(): Promise<void> {
    await asRoot(servers().access.milvus.plaintext, async (root) => {
      for (const username of this.usernames) {
        await root.deleteUser({ username });
      }
    });
    await Promise.all(this.#armed.splice(0).map((fault) => fault.disarm()));
    this.balancer.reset();
  }

  /**
   * Every proxy must accept AWSCURRENT after the attempts, and AWSCURRENT has the edits of people.
   * With two users, AWSCURRENT of before must log in too.
   *
   * @param attempts that the function may need.
   */
  async expectRecovery(attempts: number): Promise<void> {
    const { [AWSCURRENT]: before } = await this.labels();
    let former: Credentials | undefined;
    for (let attempt = 1; attempt <= attempts && (await this.labels())[AWSCURRENT] === before; attempt++) {
      const current = await this.credential();
      // The next rotation of two users must not end this credential.
      former = this.usernames.length > 1 && (await this.#logsIn(current)) ? current : undefined;
      await this.attempt();
    }
    expect((await this.labels())[AWSCURRENT], 'a completed rotation').not.toBe(before);
    const value = await this.value();
    expect(withoutCredential(value)).toBe(this.#stored);
    expect(this.usernames).toContain(parseDocument(value).username);
    expect(former === undefined || (await this.#logsIn(former)), 'the former credential logs in').toBe(true);
    expect(await this.#logsIn(await this.credential()), 'applications log in').toBe(true);
  }

  /** Whether the cluster accepts the credential, whichever of its two proxies is asked. */
  async #logsIn(credentials: Credentials): Promise<boolean> {
    const logins = await Promise.all([1, 2].map(() => this.#milvus.authenticates(credentials)));
    return logins.every(({ kind }) => kind === 'accepted');
  }

  /** The requests for another user than the secret is for, without their passwords. */
  unintendedRequests(mayReset: boolean): object[] {
    return this.balancer.received
      .filter(
        ({ username, caller, newPassword }) =>
          !this.usernames.includes(username) ||
          (caller !== username && !(mayReset && caller === 'root' && newPassword !== undefined)),
      )
      .map(({ username, caller }) => ({ username, caller }));
  }

  get functionName(): string {
    return this.#functionArn.slice(this.#functionArn.lastIndexOf(':') + 1);
  }

  /** The user whose password the next rotation changes. */
  async nextUser(): Promise<string> {
    const [first = '', second] = this.usernames;
    return second === undefined || (await this.credential()).username === second ? first : second;
  }

  /** The value of a secret with this credential. */
  document(username: string, password: string): string {
    return newDocument({ endpoint: this.balancer.endpoint, username, password });
  }

  /** Makes the next step run on a new worker, by an update of the function's configuration. */
  async renewWorkers(): Promise<void> {
    await new Lambda(awsOptions()).updateFunctionConfiguration({ FunctionName: this.functionName, Timeout: 60 });
  }

  override async arm(fault: SecretsManagerFault): Promise<ArmedFault> {
    const armed = await super.arm(fault);
    this.#armed.push(armed);
    return armed;
  }

  async storeAnotherKey(): Promise<void> {
    await this.edit({ note: 'edited' });
    this.#stored = withoutCredential(await this.value());
  }

  async storeWrongPassword(): Promise<void> {
    await this.store(this.document((await this.credential()).username, 'Wrong-by-hand-1'));
  }

  /** Gives the next user a password that is not in the secret. */
  async changeOutside(): Promise<void> {
    await resetPassword('plaintext', await this.nextUser(), newPassword());
  }

  /**
   * Restores the cluster from a backup that is three rotations old.
   *
   * @returns a version without a label, which is newer than the version of the backup.
   */
  async restoreBackup(): Promise<string | undefined> {
    const backup = await this.documents();
    await this.attempt();
    const { [AWSCURRENT]: newer } = await this.labels();
    await this.attempt();
    await this.attempt();
    for (const { username, password } of backup) {
      await resetPassword('plaintext', username, password);
    }
    return newer;
  }
}

function withoutCredential(value: string): string {
  const document = JSON.parse(value) as object;
  // A key without a value is left out.
  return JSON.stringify({ ...document, username: undefined, password: undefined, token: undefined });
}
