import type { Admin, Change } from '../../protocol/cluster/cluster.ts';
import type { Endpoint } from '../../protocol/cluster/endpoint.ts';
import { ADMIN_USERNAMES } from '../../protocol/credential/admin-credential.ts';
import type { RotationPorts } from '../../protocol/rotation/ports.ts';
import type { SecretDocument } from '../../protocol/secret/document.ts';
import { type Pins, usersOf } from '../../protocol/secret/rotated-secrets.ts';
import type { SecretStore } from '../../protocol/secret/secret-store.ts';
import { AWSCURRENT, AWSPENDING } from '../../protocol/secret/versions.ts';
import type { InMemoryCluster } from '../support/in-memory-cluster.ts';
import type { InMemorySecret } from '../support/in-memory-secret.ts';
import { documentIn } from '../support/rotation-world.ts';
import { SentPasswords } from './sent-passwords.ts';

/** An invariant of docs/never-locked-out.md does not hold. */
export class InvariantViolation extends Error {
  override readonly name = 'InvariantViolation' as const;
  readonly invariant: number;

  constructor(invariant: number, problem: string) {
    super(`Invariant ${invariant}: ${problem}`);
    this.invariant = invariant;
  }
}

/**
 * Checks the invariants of one secret and its cluster. It sees what the servers did, because
 * faults are injected between the rotation and this class.
 *
 * Invariants 1 and 2 describe a state: they are checked after every call that changes something.
 * Invariants 3 and 5 describe single calls: they are checked during the call. Invariant 4
 * describes the next attempt: scenarios check it.
 */
export class Invariants {
  readonly #secret: InMemorySecret;
  readonly #cluster: InMemoryCluster;
  readonly #users: Map<string, UserState>;
  /** The credentials that invariant 6 covers. */
  #covered: readonly Named[] = [];
  /** The token of the rotation that started last. */
  #lastStarted: string | undefined;
  #firstViolation: InvariantViolation | undefined;

  /** @param usernames the users of the secret. Two users take turns. */
  constructor(secret: InMemorySecret, cluster: InMemoryCluster, usernames: readonly string[]) {
    this.#secret = secret;
    this.#cluster = cluster;
    this.#users = new Map(
      usernames.map((username) => [username, { username, sent: new SentPasswords(), changedOutside: false }]),
    );
  }

  /** Suspends invariants 1 and 6 until a stored password of each user is accepted again. */
  passwordChangedOutside(): void {
    for (const user of this.#users.values()) {
      user.changedOutside = true;
    }
    this.#covered = [];
  }

  /**
   * Starts to cover the credential in AWSCURRENT only, because a rotation may end the other. A
   * rotation that began with a single user ends the credential in AWSCURRENT.
   */
  rotationStarted(token: string): void {
    this.#lastStarted = token;
    const current = this.#takesTurns ? this.#named(AWSCURRENT) : undefined;
    const endsCurrent = current !== undefined && this.#named(AWSPENDING)?.username === current.username;
    this.#covered = current !== undefined && !endsCurrent && this.#isAccepted(current) ? [current] : [];
  }

  /**
   * A person moved AWSCURRENT during a rotation, maybe to the credential that the rotation is just
   * about to end. So no credential is covered until the next rotation.
   */
  currentMovedDuringRotation(): void {
    this.#covered = [];
  }

  /** Records that a password is sent to the cluster, now or later. */
  wasSent(username: string, password: string): void {
    this.#user(username).sent.sent(password);
    this.#recordViolation();
  }

  /** Records that a change to the password is no longer in flight. */
  arrived(username: string, password: string): void {
    this.#user(username).sent.arrived(password);
  }

  /** Records a rejected login, also one that a proxy rejected without asking the cluster. */
  loginRejected({ username, password }: Named): void {
    const { sent, changedOutside } = this.#user(username);
    if (changedOutside) {
      sent.rejectedWithNoneAccepted(password);
    }
  }

  /** Whether each user has a stored version whose password the cluster accepts. */
  get everyUserHasStoredPassword(): boolean {
    return [...this.#users.values()].every((user) => this.#hasStoredPassword(user));
  }

  /** Whether invariant 2 covers the password. */
  mustStayFindable(password: string): boolean {
    return [...this.#users.values()].some(({ sent }) => sent.mustStayFindable.includes(password));
  }

  /**
   * @throws InvariantViolation the first one, also if it happened during an earlier invocation.
   */
  check(): void {
    if (this.#firstViolation !== undefined) {
      throw this.#firstViolation;
    }
    for (const user of this.#users.values()) {
      if (this.#hasStoredPassword(user)) {
        user.changedOutside = false;
      } else if (!user.changedOutside) {
        this.#violate(1, `no stored version authenticates for ${user.username}`);
      }
      for (const password of user.sent.mustStayFindable) {
        if (!this.#secret.labelledValues.map(passwordIn).includes(password)) {
          this.#violate(2, `${password} was sent and must stay findable, but no labelled version holds it`);
        }
      }
    }
    for (const credential of this.#covered) {
      if (!this.#isAccepted(credential)) {
        this.#violate(6, `${credential.password} of ${credential.username} was ended before the next rotation`);
      }
    }
  }

  /** Returns the ports of one invocation with checks. Inject faults into the returned ports. */
  watch(ports: RotationPorts): RotationPorts {
    const accepted = new Set<string>();
    const targets = new Set(this.#allowedTargets());
    const checkTarget = ({ url }: Endpoint, username: string): void => {
      for (const target of this.#allowedTargets()) {
        targets.add(target);
      }
      if (!targets.has(`${username} at ${url}`)) {
        this.#violate(5, `a request was sent to ${url} for ${username}`);
      }
    };
    return {
      ...ports,
      store: this.#watchStore(ports.store, accepted),
      cluster: {
        authenticates: async (credentials) => {
          checkTarget(credentials.endpoint, credentials.username);
          const login = await ports.cluster.authenticates(credentials);
          // A proxy with an old cache accepts the old password. With authorization off, every
          // password is accepted.
          const { sent } = this.#user(credentials.username);
          if (login.kind === 'accepted' && this.#isAccepted(credentials)) {
            accepted.add(credentials.password);
            sent.proven(credentials.password);
          }
          if (login.kind === 'rejected') {
            this.loginRejected(credentials);
          }
          return login;
        },
        changePassword: async (credentials, next) => {
          const { username } = credentials;
          checkTarget(credentials.endpoint, username);
          return await this.#watchChange(username, next, () => ports.cluster.changePassword(credentials, next));
        },
        resetPassword: async (admin, username, next) => {
          checkTarget(admin.endpoint, username);
          this.#checkReset(admin, username, (await ports.readPins('orders'))['orders'] ?? {});
          return await this.#watchChange(username, next, () => ports.cluster.resetPassword(admin, username, next));
        },
      },
    };
  }

  /** An admin resets only a user that the deployment pins, and never an admin. */
  #checkReset({ endpoint, token }: Admin, username: string, pins: Pins): void {
    const isPinned = pins.endpoint === endpoint.url && usersOf(pins).includes(username);
    if (!isPinned || ADMIN_USERNAMES.includes(username) || token.startsWith(`${username}:`)) {
      this.#violate(5, `an admin reset ${username} at ${endpoint.url}, which the deployment does not pin`);
    }
  }

  async #watchChange(username: string, password: string, perform: () => Promise<Change>): Promise<Change> {
    this.wasSent(username, password);
    const { sent } = this.#user(username);
    const answer = await perform().finally(() => sent.arrived(password));
    sent.answered(password, answer);
    this.#recordViolation();
    return answer;
  }

  #watchStore(store: SecretStore, accepted: ReadonlySet<string>): SecretStore {
    const checked = async <T>(change: Promise<T>): Promise<T> => {
      const outcome = await change;
      this.#recordViolation();
      return outcome;
    };
    return {
      describe: () => store.describe(),
      read: (versionId) => store.read(versionId),
      list: () => store.list(),
      put: (version) => checked(store.put(version)),
      addLabel: (label) => checked(store.addLabel(label)),
      removeLabel: (label) => checked(store.removeLabel(label)),
      promote: async (move) => {
        const before = this.#secret.holder(AWSCURRENT);
        const outcome = await checked(store.promote(move));
        if (outcome === 'done' && before !== move.to) {
          this.#checkPromotion(before, move.to, accepted);
        }
        return outcome;
      },
    };
  }

  #checkPromotion(from: string | undefined, to: string, accepted: ReadonlySet<string>): void {
    const promoted = this.#secret.valueOf(to);
    if (promoted === undefined || !accepted.has(passwordIn(promoted) ?? '')) {
      this.#violate(3, `AWSCURRENT moved to ${to} without a login with its password in the same invocation`);
    }
    const replaced = from === undefined ? undefined : this.#secret.valueOf(from);
    if (this.#withoutCredential(promoted) !== this.#withoutCredential(replaced)) {
      this.#violate(3, `the promotion of ${to} undid an edit that a person made in ${from}`);
    }
    if (this.#takesTurns) {
      this.#coverAfterPromotion(replaced, promoted, to === this.#lastStarted);
    }
  }

  /**
   * The credential that was replaced stays valid, and the next rotation must find it.
   *
   * @param isLatest false if an invocation outlived its rotation, and the next rotation has
   * started already. Then the minimum gap protects the credential that was replaced, and the gap
   * is 0 here.
   */
  #coverAfterPromotion(replaced: string | undefined, promoted: string | undefined, isLatest: boolean): void {
    const [before, now] = [documentIn(replaced), documentIn(promoted)];
    if (before !== undefined && this.#isAccepted(before)) {
      this.#user(before.username).sent.provenElsewhere(before.password);
    }
    this.#covered = isLatest && now !== undefined ? [...this.#covered, now] : [];
    this.#recordViolation();
  }

  get #takesTurns(): boolean {
    return this.#users.size > 1;
  }

  #user(username: string): UserState {
    return this.#users.get(username) ?? { username, sent: new SentPasswords(), changedOutside: false };
  }

  #hasStoredPassword({ username }: UserState): boolean {
    return this.#secret.values.some((value) => {
      const named = documentIn(value);
      return named?.username === username && this.#isAccepted(named);
    });
  }

  #isAccepted({ username, password }: Named): boolean {
    return this.#cluster.passwordOf(username) === password;
  }

  #named(label: string): SecretDocument | undefined {
    return documentIn(this.#secret.valueOf(this.#secret.holder(label) ?? ''));
  }

  /** The user in AWSCURRENT, or both users if they take turns, at the endpoint in AWSCURRENT. */
  #allowedTargets(): string[] {
    const current = this.#named(AWSCURRENT);
    if (current === undefined) {
      return [];
    }
    const usernames = this.#takesTurns ? [...this.#users.keys()] : [current.username];
    return usernames.map((username) => `${username} at ${current.endpoint}`);
  }

  #withoutCredential(value: string | undefined): string {
    const { password: _password, token: _token, ...rest } = JSON.parse(value ?? '{}') as Record<string, unknown>;
    return JSON.stringify(this.#takesTurns ? { ...rest, username: undefined } : rest);
  }

  /** Keeps the violation for {@link check}, because the rotation might catch an exception. */
  #recordViolation(): void {
    try {
      this.check();
    } catch (error) {
      this.#firstViolation ??= error as InvariantViolation;
    }
  }

  #violate(invariant: number, problem: string): never {
    this.#firstViolation ??= new InvariantViolation(invariant, problem);
    throw this.#firstViolation;
  }
}

interface UserState {
  readonly username: string;
  readonly sent: SentPasswords;
  changedOutside: boolean;
}

interface Named {
  readonly username: string;
  readonly password: string;
}

function passwordIn(value: string): string | undefined {
  return documentIn(value)?.password;
}
