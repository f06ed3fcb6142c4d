import { Lambda } from '@aws-sdk/client-lambda';
import { awsOptions } from '../../local/cloud/access.ts';
import type { AttachedCloud } from '../../local/local-cloud.ts';
import type { Credentials } from '../../protocol/cluster/cluster.ts';
import { newDocument, parseDocument } from '../../protocol/secret/document.ts';
import { CloudSecret, newPassword } from '../cloud/cloud-secret.ts';
import { ClusterUsers } from './cluster-users.ts';
import type { ManualChanges } from './continuations.ts';
import type { FunctionUnderTest } from './functions.ts';
import type { LoadBalancer } from './load-balancer.ts';

/** The secret, the cluster users and the network connection of one scenario. */
export class Subject extends CloudSecret implements ManualChanges {
  readonly rotatedBy: FunctionUnderTest;
  readonly users: ClusterUsers;
  readonly #cloud: AttachedCloud;
  /** Whether the admin may reset a user in this scenario. */
  readonly #mayReset: boolean;
  /** What a person stored last in AWSCURRENT, without the password. */
  #stored = '';

  private constructor(cloud: AttachedCloud, rotatedBy: FunctionUnderTest, mayReset: boolean) {
    super(cloud.access, rotatedBy.secretName);
    this.#cloud = cloud;
    this.users = new ClusterUsers(cloud);
    this.rotatedBy = rotatedBy;
    this.#mayReset = mayReset;
  }

  /** @param mayReset the admin secret of the function may reset a user. */
  static async on(cloud: AttachedCloud, rotatedBy: FunctionUnderTest, mayReset: boolean): Promise<Subject> {
    const subject = new Subject(cloud, rotatedBy, mayReset);
    const values: string[] = [];
    for (const username of rotatedBy.usernames) {
      values.push(subject.document(username, await subject.users.add(username)));
    }
    await subject.reaches('idle');
    await subject.aws.deleteSecret({ SecretId: subject.name, ForceDeleteWithoutRecovery: true });
    await subject.create(...values);
    subject.#stored = withoutCredential(await subject.value());
    await subject.configureRotation(rotatedBy.arn);
    return subject;
  }

  /** The user whose password the next rotation changes. */
  async nextUser(): Promise<string> {
    const [first = '', second] = this.rotatedBy.usernames;
    return second === undefined || (await this.current()).username === second ? first : second;
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

  async rotate(): Promise<void> {
    await this.limitAttempts();
    await this.startAttempt();
    await this.reaches('idle');
  }

  async removePendingByHand(): Promise<void> {
    const RemoveFromVersionId = await this.unfinishedToken();
    if (RemoveFromVersionId !== undefined) {
      const label = { SecretId: this.name, VersionStage: 'AWSPENDING' };
      await this.aws.updateSecretVersionStage({ ...label, RemoveFromVersionId });
    }
  }

  async storeAnotherKey(): Promise<void> {
    const current = JSON.parse(await this.value()) as object;
    await this.storeByHand(JSON.stringify({ ...current, note: 'edited' }));
  }

  async storeWrongPassword(): Promise<void> {
    await this.storeByHand(this.document((await this.current()).username, 'Wrong-by-hand-1'));
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
  async changeOutside(changes?: readonly Credentials[]): Promise<void> {
    const unknown = { username: await this.nextUser(), password: newPassword() };
    const accepted = await this.acceptedPasswords();
    for (const { username, password } of changes ?? [unknown]) {
      const old = accepted.find((credential) => credential.username === username);
      if (old === undefined) {
        throw new Error(`The cluster accepts no stored password of ${username}.`);
      }
      await this.users.changePassword(old, password);
    }
  }

  /** The stored credential of each user that the cluster accepts. */
  async acceptedPasswords(): Promise<readonly Credentials[]> {
    const { Versions = [] } = await this.aws.listSecretVersionIds({ SecretId: this.name, IncludeDeprecated: true });
    const accepted = new Map<string, Credentials>();
    for (const { VersionId } of Versions) {
      const credential = await this.credential(this.#cloud.access.milvus.plaintext.endpoint, { VersionId });
      if (!accepted.has(credential.username) && (await this.users.logIn(credential))) {
        accepted.set(credential.username, credential);
      }
    }
    return [...accepted.values()];
  }

  /** The credential in AWSCURRENT, as an application reaches the cluster. */
  current(): Promise<Credentials> {
    return this.credential(this.balancer.endpoint);
  }

  /** Whether AWSCURRENT differs in more than its credential from what a person stored last. */
  async isAltered(): Promise<boolean> {
    const current = await this.value();
    const { username } = parseDocument(current);
    return withoutCredential(current) !== this.#stored || !this.rotatedBy.usernames.includes(username);
  }

  /** Whether an application that reads AWSCURRENT now can log in, whichever proxy it reaches. */
  async applicationsLogIn(): Promise<boolean> {
    return await this.users.logIn(await this.current());
  }

  /** With two users: the credential in AWSCURRENT, which the next rotation must not end. */
  async credentialToKeep(): Promise<Credentials | undefined> {
    const current = await this.current();
    const takesTurns = this.rotatedBy.usernames.length > 1;
    return takesTurns && (await this.users.logIn(current)) ? current : undefined;
  }

  async end(): Promise<void> {
    await this.users.deleteAll();
    this.close();
    await this.disarmAll();
    this.balancer.reset();
  }
}

function withoutCredential(value: string): string {
  const document = JSON.parse(value) as object;
  // A key without a value is left out.
  return JSON.stringify({ ...document, username: undefined, password: undefined, token: undefined });
}
