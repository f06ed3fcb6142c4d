import type { RotationPorts } from '../../lambda/rotation/ports.ts';
import { parseDocument } from '../../secret/document.ts';
import type { SecretStore } from '../../secret/store.ts';
import { AWSCURRENT } from '../../secret/versions.ts';
import type { InMemoryCluster } from '../support/in-memory-cluster.ts';
import type { InMemorySecret } from '../support/in-memory-secret.ts';
import { SentPasswords } from './sent-passwords.ts';

/** A promise of docs/never-locked-out.md that did not hold; the number is the invariant's. */
export class InvariantBroken extends Error {
  override readonly name = 'InvariantBroken' as const;
  readonly invariant: number;

  constructor(invariant: number, what: string) {
    super(`Invariant ${invariant}: ${what}`);
    this.invariant = invariant;
  }
}

/**
 * Watches one secret and its cluster from below every fault: it sees what truly happened, not what the rotation was
 * told. Invariants 1 and 2 are states and are checked after every call that changed something; 3 and 5 are about single
 * calls and are checked as these are made. Invariant 4 is about the future: the scenarios check it at their end.
 */
export class Invariants {
  readonly #secret: InMemorySecret;
  readonly #cluster: InMemoryCluster;
  readonly #username: string;
  readonly #sent = new SentPasswords();
  #changedBehindOurBack = false;
  #broken: InvariantBroken | undefined;

  constructor(secret: InMemorySecret, cluster: InMemoryCluster, username: string) {
    this.#secret = secret;
    this.#cluster = cluster;
    this.#username = username;
  }

  /** To be told when someone else sets the password. Invariant 1 rests until a stored password is in force again. */
  clusterWasChangedByHand(): void {
    this.#changedBehindOurBack = true;
  }

  /** To be told when a change is no longer on its way. */
  arrives(password: string): void {
    this.#sent.arrived(password);
  }

  get someStoredVersionAuthenticates(): boolean {
    return this.#secret.values.map(passwordIn).includes(this.#inForce());
  }

  /** True while invariant 2 holds for this password: it was sent, and no later one is proven in force. */
  owes(password: string): boolean {
    return this.#sent.owed.includes(password);
  }

  /** @throws InvariantBroken, also one that was broken earlier inside an invocation, where an exception could be caught. */
  check(): void {
    if (this.#broken !== undefined) {
      throw this.#broken;
    }
    if (this.someStoredVersionAuthenticates) {
      this.#changedBehindOurBack = false;
    } else if (!this.#changedBehindOurBack) {
      this.#breaks(1, 'no stored version authenticates');
    }
    for (const password of this.#sent.owed) {
      if (!this.#secret.labelledValues.map(passwordIn).includes(password)) {
        this.#breaks(2, `${password} was sent, is not superseded, and no labelled version holds it`);
      }
    }
  }

  /** The ports of one invocation, watched. Faults go around these, never below. */
  watch(ports: RotationPorts): RotationPorts {
    const accepted = new Set<string>();
    const targets = new Set([this.#target()]);
    const sending = (host: string, username: string): void => {
      targets.add(this.#target());
      if (!targets.has(`${username} at ${host}`)) {
        this.#breaks(5, `something was sent to ${host} for ${username}`);
      }
    };
    return {
      ...ports,
      store: this.#watchStore(ports.store, accepted),
      cluster: {
        authenticates: async (credentials) => {
          sending(credentials.endpoint.url, credentials.username);
          const login = await ports.cluster.authenticates(credentials);
          // Not what a stale proxy accepts, nor what passes while authorization is off.
          if (login.kind === 'accepted' && this.#inForce() === credentials.password) {
            accepted.add(credentials.password);
            this.#sent.proven(credentials.password);
          }
          return login;
        },
        changePassword: async (credentials, next) => {
          sending(credentials.endpoint.url, credentials.username);
          this.wasSent(next);
          const answer = await ports.cluster.changePassword(credentials, next).finally(() => this.#sent.arrived(next));
          this.#sent.answered(next, answer);
          this.#checkQuietly();
          return answer;
        },
        resetPassword: async (admin, username, next) => {
          sending(admin.endpoint.url, username);
          this.wasSent(next);
          const answer = await ports.cluster
            .resetPassword(admin, username, next)
            .finally(() => this.#sent.arrived(next));
          this.#checkQuietly();
          return answer;
        },
      },
    };
  }

  #watchStore(store: SecretStore, accepted: ReadonlySet<string>): SecretStore {
    const checked = async <T>(change: Promise<T>): Promise<T> => {
      const outcome = await change;
      this.#checkQuietly();
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
      this.#breaks(3, `AWSCURRENT moved to ${to}, which had not just authenticated`);
    }
    const replaced = from === undefined ? undefined : this.#secret.valueOf(from);
    if (withoutPassword(promoted) !== withoutPassword(replaced)) {
      this.#breaks(3, `the promotion of ${to} undid an edit that a person had made in ${from}`);
    }
  }

  /** To be told of a password that is on its way to the cluster, or has arrived. */
  wasSent(password: string): void {
    this.#sent.sent(password);
    this.#checkQuietly();
  }

  #inForce(): string | undefined {
    return this.#cluster.passwordOf(this.#username);
  }

  #target(): string {
    const current = this.#secret.valueOf(this.#secret.holder(AWSCURRENT) ?? '');
    try {
      const { endpoint, username } = parseDocument(current ?? '');
      return `${username} at ${endpoint}`;
    } catch {
      return 'nobody';
    }
  }

  /** Inside an invocation an exception might be taken for a fault of a port, so the first is kept for {@link check}. */
  #checkQuietly(): void {
    try {
      this.check();
    } catch (error) {
      this.#broken ??= error as InvariantBroken;
    }
  }

  #breaks(invariant: number, what: string): void {
    this.#broken ??= new InvariantBroken(invariant, what);
    throw this.#broken;
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
