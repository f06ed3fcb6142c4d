import type { Change } from '../../cluster/cluster.ts';
import type { Endpoint } from '../../cluster/endpoint.ts';
import type { RotationPorts } from '../../lambda/rotation/ports.ts';
import { parseDocument } from '../../secret/document.ts';
import type { SecretStore } from '../../secret/store.ts';
import { AWSCURRENT } from '../../secret/versions.ts';
import type { InMemoryCluster } from '../support/in-memory-cluster.ts';
import type { InMemorySecret } from '../support/in-memory-secret.ts';
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
  readonly #username: string;
  readonly #sent = new SentPasswords();
  #changedOutside = false;
  #firstViolation: InvariantViolation | undefined;

  constructor(secret: InMemorySecret, cluster: InMemoryCluster, username: string) {
    this.#secret = secret;
    this.#cluster = cluster;
    this.#username = username;
  }

  /** Suspends invariant 1 until a stored password is in force again. */
  passwordChangedOutside(): void {
    this.#changedOutside = true;
  }

  /** Records that a password is sent to the cluster, now or later. */
  wasSent(password: string): void {
    this.#sent.sent(password);
    this.#recordViolation();
  }

  /** Records that a change to the password is no longer in flight. */
  arrived(password: string): void {
    this.#sent.arrived(password);
  }

  get someStoredVersionAuthenticates(): boolean {
    return this.#secret.values.map(passwordIn).includes(this.#inForce());
  }

  /** Whether invariant 2 covers the password. */
  mustStayFindable(password: string): boolean {
    return this.#sent.mustStayFindable.includes(password);
  }

  /**
   * @throws InvariantViolation the first one, also if it happened during an earlier invocation.
   */
  check(): void {
    if (this.#firstViolation !== undefined) {
      throw this.#firstViolation;
    }
    if (this.someStoredVersionAuthenticates) {
      this.#changedOutside = false;
    } else if (!this.#changedOutside) {
      this.#violate(1, 'no stored version authenticates');
    }
    for (const password of this.#sent.mustStayFindable) {
      if (!this.#secret.labelledValues.map(passwordIn).includes(password)) {
        this.#violate(2, `${password} was sent and must stay findable, but no labelled version holds it`);
      }
    }
  }

  /** Returns the ports of one invocation with checks. Inject faults into the returned ports. */
  watch(ports: RotationPorts): RotationPorts {
    const accepted = new Set<string>();
    const targets = new Set([this.#currentTarget()]);
    const checkTarget = ({ url }: Endpoint, username: string): void => {
      targets.add(this.#currentTarget());
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
          if (login.kind === 'accepted' && this.#inForce() === credentials.password) {
            accepted.add(credentials.password);
            this.#sent.proven(credentials.password);
          }
          if (login.kind === 'rejected' && this.#changedOutside) {
            this.#sent.rejectedWithNoneInForce(credentials.password);
          }
          return login;
        },
        changePassword: async (credentials, next) => {
          checkTarget(credentials.endpoint, credentials.username);
          return await this.#watchChange(next, () => ports.cluster.changePassword(credentials, next));
        },
        resetPassword: async (admin, username, next) => {
          checkTarget(admin.endpoint, username);
          return await this.#watchChange(next, () => ports.cluster.resetPassword(admin, username, next));
        },
      },
    };
  }

  async #watchChange(password: string, perform: () => Promise<Change>): Promise<Change> {
    this.wasSent(password);
    const answer = await perform().finally(() => this.#sent.arrived(password));
    this.#sent.answered(password, answer);
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
    if (withoutPassword(promoted) !== withoutPassword(replaced)) {
      this.#violate(3, `the promotion of ${to} undid an edit that a person made in ${from}`);
    }
  }

  #inForce(): string | undefined {
    return this.#cluster.passwordOf(this.#username);
  }

  #currentTarget(): string {
    const current = this.#secret.valueOf(this.#secret.holder(AWSCURRENT) ?? '');
    try {
      const { endpoint, username } = parseDocument(current ?? '');
      return `${username} at ${endpoint}`;
    } catch {
      return 'nobody';
    }
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

function passwordIn(value: string): string | undefined {
  try {
    return parseDocument(value).password;
  } catch {
    return undefined;
  }
}

function withoutPassword(value: string | undefined): string {
  const { password: _password, token: _token, ...rest } = JSON.parse(value ?? '{}') as Record<string, unknown>;
  return JSON.stringify(rest);
}
