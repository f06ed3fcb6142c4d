import { Lambda } from '@aws-sdk/client-lambda';
import { createMilvusCluster } from '../../adapters/milvus-cluster.ts';
import { awsOptions, LOOPBACK } from '../../local/cloud/access.ts';
import { CloudSecret } from '../../local/cloud/cloud-secret.ts';
import type { ManualChanges } from '../../local/cloud/continuations.ts';
import type { ArmedFault, SecretsManagerFault } from '../../local/cloud/emulator-control.ts';
import type { AttachedCloud } from '../../local/local-cloud.ts';
import { type ClusterUser, newPassword, setPassword, withLocalMilvus } from '../../local/servers/milvus-client.ts';
import type { Credentials } from '../../protocol/cluster/cluster.ts';
import { parseEndpoint } from '../../protocol/cluster/endpoint.ts';
import { newDocument, parseDocument } from '../../protocol/secret/document.ts';
import type { FunctionUnderTest } from './functions.ts';
import type { LoadBalancer } from './load-balancer.ts';

/** The secret, the cluster users and the network connection of one scenario. */
export class Subject extends CloudSecret implements ManualChanges {
  readonly rotatedBy: FunctionUnderTest;
  readonly #cloud: AttachedCloud;
  /** Has a long time limit, because a busy machine must not prevent a judgement. */
  readonly #milvus = createMilvusCluster({ timeoutMs: 60_000 });
  /** Whether the admin may reset a user in this scenario. */
  readonly #mayReset: boolean;
  /** What a person stored last in AWSCURRENT, without the password. */
  #stored = '';
  readonly #armed: ArmedFault[] = [];

  private constructor(cloud: AttachedCloud, rotatedBy: FunctionUnderTest, mayReset: boolean) {
    super(cloud.access, rotatedBy.secretName);
    this.#cloud = cloud;
    this.rotatedBy = rotatedBy;
    this.#mayReset = mayReset;
  }

  /** @param mayReset the admin secret of the function may reset a user. */
  static async on(cloud: AttachedCloud, rotatedBy: FunctionUnderTest, mayReset: boolean): Promise<Subject> {
    const subject = new Subject(cloud, rotatedBy, mayReset);
    await subject.until();
    await subject.aws.deleteSecret({ SecretId: subject.name, ForceDeleteWithoutRecovery: true });
    const { endpoint } = subject.balancer;
    await subject.createWithUsers(cloud.access.milvus.plaintext, rotatedBy.usernames, { endpoint });
    subject.#stored = withoutCredential(await subject.value());
    await subject.configureRotation(rotatedBy.arn);
    return subject;
  }

  /** The user whose password the next rotation changes. */
  async nextUser(): Promise<string> {
    const [first = '', second] = this.rotatedBy.usernames;
    return second === undefined || (await this.credential()).username === second ? first : second;
  }

  get balancer(): LoadBalancer {
    return this.rotatedBy.balancer;
  }

  /** The value of a secret with this credential. */
  document(username: string, password: string): string {
    return newDocument({ endpoint: this.balancer.endpoint, username, password });
  }

  /** The requests since {@link LoadBalancer.forget} for another user than the secret is for. */
  get unintendedRequests(): number {
    return this.balancer.received.filter(
      ({ username, caller, newPassword }) =>
        !this.rotatedBy.usernames.includes(username) ||
        (caller !== username && !(this.#mayReset && caller === 'root' && newPassword !== undefined)),
    ).length;
  }

  /** Makes the next step run on a new worker, by an update of the function's configuration. */
  async renewWorkers(): Promise<void> {
    const lambda = new Lambda(awsOptions(this.#cloud.access));
    await lambda.updateFunctionConfiguration({ FunctionName: this.rotatedBy.name, Timeout: 60 });
  }

  override async arm(fault: SecretsManagerFault): Promise<ArmedFault> {
    const armed = await super.arm(fault);
    this.#armed.push(armed);
    return armed;
  }

  async storeAnotherKey(): Promise<void> {
    const current = JSON.parse(await this.value()) as object;
    await this.storeByHand(JSON.stringify({ ...current, note: 'edited' }));
  }

  async storeWrongPassword(): Promise<void> {
    await this.storeByHand(this.document((await this.credential()).username, 'Wrong-by-hand-1'));
  }

  async storeByHand(value: string, label: 'AWSCURRENT' | 'AWSPENDING' = 'AWSCURRENT'): Promise<void> {
    await this.store(value, label);
    if (label === 'AWSCURRENT') {
      this.#stored = withoutCredential(value);
    }
  }

  /**
   * Sets passwords in the cluster and not in the secret. Default: a password never stored, for the
   * user whose password the next rotation changes.
   */
  async changeOutside(changes?: readonly ClusterUser[]): Promise<void> {
    const unknown = { username: await this.nextUser(), password: newPassword() };
    const accepted = await this.acceptedPasswords();
    for (const { username, password } of changes ?? [unknown]) {
      const old = accepted.find((credential) => credential.username === username);
      if (old === undefined) {
        throw new Error(`The cluster accepts no stored password of ${username}.`);
      }
      await setPassword(this.#cloud.access.milvus.plaintext, old, password);
    }
  }

  /** The stored credential of each user that the cluster accepts. */
  async acceptedPasswords(): Promise<readonly Credentials[]> {
    const accepted = new Map<string, Credentials>();
    const endpoint = parseEndpoint(this.#cloud.access.milvus.plaintext.endpoint, LOOPBACK);
    for (const { username, password } of await this.documents()) {
      const credential = { endpoint, username, password };
      if (!accepted.has(username) && (await this.logsIn(credential))) {
        accepted.set(username, credential);
      }
    }
    return [...accepted.values()];
  }

  /** Whether the cluster accepts the credential, whichever of its two proxies is asked. */
  async logsIn(credentials: Credentials): Promise<boolean> {
    const proxies = [1, 2];
    const logins = await Promise.all(proxies.map(() => this.#milvus.authenticates(credentials)));
    return logins.every(({ kind }) => kind === 'accepted');
  }

  /** Whether AWSCURRENT differs in more than its credential from what a person stored last. */
  async isAltered(): Promise<boolean> {
    const current = await this.value();
    const { username } = parseDocument(current);
    return withoutCredential(current) !== this.#stored || !this.rotatedBy.usernames.includes(username);
  }

  /** Whether an application that reads AWSCURRENT now can log in, whichever proxy it reaches. */
  async applicationsLogIn(): Promise<boolean> {
    return await this.logsIn(await this.credential());
  }

  /** With two users: the credential in AWSCURRENT, which the next rotation must not end. */
  async credentialToKeep(): Promise<Credentials | undefined> {
    const current = await this.credential();
    const takesTurns = this.rotatedBy.usernames.length > 1;
    return takesTurns && (await this.logsIn(current)) ? current : undefined;
  }

  async end(): Promise<void> {
    const { plaintext } = this.#cloud.access.milvus;
    await withLocalMilvus(plaintext, `root:${plaintext.rootPassword}`, async (root) => {
      for (const username of this.rotatedBy.usernames) {
        await root.deleteUser({ username });
      }
    });
    await Promise.all(this.#armed.map((fault) => fault.disarm()));
    this.balancer.reset();
  }
}

function withoutCredential(value: string): string {
  const document = JSON.parse(value) as object;
  // A key without a value is left out.
  return JSON.stringify({ ...document, username: undefined, password: undefined, token: undefined });
}
