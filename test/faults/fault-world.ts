import { WorkerMemory } from '../../lambda/worker-memory.ts';
import type { RotationPorts } from '../../protocol/rotation/ports.ts';
import { runStep } from '../../protocol/rotation/rotation.ts';
import { STEPS, type Step } from '../../protocol/rotation/rotation-request.ts';
import { tokenOf } from '../../protocol/secret/credential-form.ts';
import type { UserStrategyName } from '../../protocol/secret/rotated-secrets.ts';
import { AWSCURRENT, AWSPREVIOUS } from '../../protocol/secret/versions.ts';
import type { InMemoryCluster } from '../support/in-memory-cluster.ts';
import { RotationWorld, SECOND_USER, USER } from '../support/rotation-world.ts';
import type { ManualChanges } from './continuations.ts';
import { type FaultPlan, type InvocationResult, invokeStep, type Protocol } from './faults.ts';
import { Invariants } from './invariants.ts';
import type { PortCall } from './port-calls.ts';

/** As deployed by default. */
export const MINIMUM_GAP_MS: number = 120 * 60_000;

/** How a secret of a single user gets each strategy. */
const SET_UP: Readonly<Record<UserStrategyName, (world: FaultWorld) => Promise<void>>> = {
  'single-user': async () => undefined,
  'alternating-users': (world) => world.alternateUsers(),
};

/** A world with faults and manual changes, which checks the invariants after each of them. */
export class FaultWorld extends RotationWorld implements ManualChanges {
  invariants: Invariants = new Invariants(this.secret, this.cluster, [USER]);
  /** Every rotation that Secrets Manager has started, with the steps that it has invoked. */
  readonly startedRotations: Array<{ readonly token: string; readonly steps: Set<Step> }> = [];
  /** The passwords of all users at each time at which one of them had changed. Oldest first. */
  readonly history: Backup[] = [];
  /** Versions for another user or host. A rotation must keep their sent labels. */
  readonly otherUsersVersions: string[] = [];
  /** Every call of every invocation. */
  readonly calls: PortCall[] = [];
  /** The worker of the next invocation. Default: each invocation has a worker of its own. */
  nextWorker: () => WorkerMemory = () => this.newWorker();
  #usernames: readonly string[] = [USER];
  readonly #protocol: Protocol;
  readonly #inFlight: Array<() => Promise<unknown>> = [];
  #manualVersions = 0;

  /** @param protocol the protocol under test. Default: the product's. */
  constructor(protocol: Protocol = runStep, cluster?: InMemoryCluster, secretName?: string) {
    super(undefined, cluster, secretName);
    this.#protocol = protocol;
    this.configure({ minimumGapMs: MINIMUM_GAP_MS });
    this.useDatesOfAws();
    this.#recordPassword();
  }

  newWorker(): WorkerMemory {
    return new WorkerMemory(() => this.now);
  }

  /** Invokes one step, with faults at some of its calls. */
  async invoke(
    step: Step,
    token: string,
    plan: FaultPlan = new Map(),
    ports: RotationPorts = this.watchedPorts(),
  ): Promise<InvocationResult> {
    const result = await invokeStep(
      this.#protocol,
      { step, token, secretId: this.secret.arn },
      this.nextWorker(),
      ports,
      {
        plan,
        onCall: (call) => this.calls.push(call),
        onRejection: ({ login }) => login && this.invariants.loginRejected(login),
        delay: ({ newPassword = '', username = '' }, perform) => {
          this.invariants.wasSent(username, newPassword);
          this.#inFlight.push(() => {
            this.invariants.arrived(username, newPassword);
            return perform();
          });
        },
      },
    );
    this.#recordPassword();
    this.invariants.check();
    return result;
  }

  /** Lets two users take turns, and checks the invariants for both. */
  override async alternateUsers(): Promise<void> {
    await super.alternateUsers();
    this.deployUsers([USER, SECOND_USER]);
  }

  /** Sets the strategy up, as the deployment and the operator do. A new world has a single user. */
  async useStrategy(strategy: UserStrategyName): Promise<void> {
    await SET_UP[strategy](this);
  }

  /** From here on, the invariants are those of a secret for these users. */
  deployUsers(usernames: readonly string[]): void {
    this.#usernames = usernames;
    this.invariants = new Invariants(this.secret, this.cluster, usernames);
    this.history.length = 0;
    this.#recordPassword();
  }

  get usernames(): readonly string[] {
    return this.#usernames;
  }

  get takesTurns(): boolean {
    return this.#usernames.length > 1;
  }

  /** The passwords of all users now. */
  backup(): Backup {
    return Object.fromEntries(this.#usernames.map((username) => [username, this.cluster.passwordOf(username) ?? '']));
  }

  #recordPassword(): void {
    const now = this.backup();
    if (!this.history.some((earlier) => JSON.stringify(earlier) === JSON.stringify(now))) {
      this.history.push(now);
    }
  }

  watchedPorts(): RotationPorts {
    return this.invariants.watch(this.ports());
  }

  /**
   * Runs a rotation as Secrets Manager does after RotateSecret: an unfinished rotation continues
   * with its own token, and a new one starts only if none is unfinished. If the minimum gap
   * forbids the rotation, AWSCURRENT must be accepted; the rotation starts again after the gap.
   *
   * @param plans the faults of each step. Default: no faults.
   */
  async rotateSecret(
    plans: Partial<Record<Step, FaultPlan>> = {},
    ports = (): RotationPorts => this.watchedPorts(),
  ): Promise<InvocationResult> {
    // A late proxy accepts a password that has ended.
    const proxiesAreLate = this.cluster.staleLogins > 0 || this.cluster.proxies !== undefined;
    const result = await this.#rotateOnce(plans, ports);
    if (!isTooRecent(result)) {
      return result;
    }
    if (this.applicationsLogIn || proxiesAreLate) {
      // The dates of versions are some milliseconds ahead of the clock.
      this.now += MINIMUM_GAP_MS + 60_000;
      return await this.#rotateOnce(plans, ports);
    }
    // A fault, or a person, can make the login of createSecret useless. The next attempt repairs.
    const again = await this.#rotateOnce({}, () => this.watchedPorts());
    if (isTooRecent(again)) {
      throw new Error('The minimum gap forbids the rotation that would repair AWSCURRENT.');
    }
    return again;
  }

  async #rotateOnce(plans: Partial<Record<Step, FaultPlan>>, ports: () => RotationPorts): Promise<InvocationResult> {
    const token = this.unfinishedToken ?? this.newToken();
    if (!this.secret.startRotation(token)) {
      throw new Error(`Secrets Manager refuses to start ${token}.`);
    }
    this.invariants.rotationStarted(token);
    const result = await this.#runSteps(token, plans, ports);
    if (result.kind === 'done') {
      this.secret.lastRotatedAt = this.date + this.now;
    }
    return result;
  }

  async #runSteps(
    token: string,
    plans: Partial<Record<Step, FaultPlan>>,
    ports: () => RotationPorts,
  ): Promise<InvocationResult> {
    let result: InvocationResult = { kind: 'killed' };
    const rotation = { token, steps: new Set<Step>() };
    this.startedRotations.push(rotation);
    for (const step of STEPS) {
      rotation.steps.add(step);
      result = await this.invoke(step, token, plans[step], ports());
      if (result.kind !== 'done') {
        break;
      }
    }
    return result;
  }

  /** Delivers every delayed change to the cluster, and makes the password known to every proxy. */
  async deliverDelayedChanges(): Promise<void> {
    for (const deliver of this.#inFlight.splice(0)) {
      // Fails if the network is down now.
      await deliver().catch(() => undefined);
      this.#recordPassword();
    }
    this.cluster.propagate();
    this.invariants.check();
  }

  /**
   * Removes AWSPENDING, as AWS documents it for a rotation that does not end. A day later, Secrets
   * Manager deletes the versions without a label. It keeps a version that holds the accepted
   * password only if invariant 2 does not cover this password, because then people stored or
   * restored the password.
   */
  removePendingByHand(): void {
    if (this.unfinishedToken !== undefined) {
      this.secret.removePendingByHand();
    }
    const recent = Object.values(this.backup()).filter((accepted) => !this.invariants.mustStayFindable(accepted));
    this.secret.deleteDeprecated((value) => recent.some((accepted) => value.includes(`"${accepted}"`)));
    this.invariants.check();
  }

  cancelRotation(): void {
    this.secret.rotationEnabled = false;
  }

  /** Stores AWSCURRENT with one more key, as a person does in the console. */
  storeAnotherKey(): void {
    this.#editCurrent({ note: this.#manualVersions + 1 });
  }

  storeWrongPassword(): void {
    const password = `Wrong-by-hand-${this.#manualVersions + 1}`;
    const username = this.usernameIn(AWSCURRENT) ?? USER;
    this.#editCurrent({ password, token: tokenOf({ username, password }) });
  }

  /** Stores the accepted passwords of all users, that of the user in AWSCURRENT last. */
  storeAcceptedPasswords(): void {
    const current = this.usernameIn(AWSCURRENT) ?? USER;
    for (const username of [...this.#usernames.filter((other) => other !== current), current]) {
      const password = this.cluster.passwordOf(username) ?? '';
      this.#editCurrent({ username, password, token: tokenOf({ username, password }) });
    }
  }

  #editCurrent(edit: object): void {
    const current = JSON.parse(this.secret.valueOf(this.secret.holder(AWSCURRENT) ?? '') ?? '') as object;
    this.secret.storeByHand(`manual-${++this.#manualVersions}`, JSON.stringify({ ...current, ...edit }));
    this.invariants.check();
  }

  /** Moves AWSCURRENT back to the previous version. AWSPENDING stays where it is. */
  moveCurrentBackByHand(): void {
    this.#moveCurrentByHand(this.secret.holder(AWSPREVIOUS));
  }

  /** Moves AWSCURRENT to the pending version, whose password may never have been sent. */
  moveCurrentForwardByHand(): void {
    const pending = this.unfinishedToken;
    this.#moveCurrentByHand(this.secret.valueOf(pending ?? '') === undefined ? undefined : pending);
  }

  #moveCurrentByHand(to: string | undefined): void {
    const from = this.secret.holder(AWSCURRENT);
    if (to !== undefined && from !== undefined) {
      if (this.unfinishedToken !== undefined) {
        this.invariants.currentMovedDuringRotation();
      }
      void this.secret.promote({ to, from });
    }
    this.invariants.check();
  }

  /** Sets passwords outside of the secret: a restored backup, or a reset by an administrator. */
  setPasswordsOutside(passwords: Backup): void {
    // Restoring a cluster closes its connections, so delayed changes are lost.
    this.#inFlight.length = 0;
    this.invariants.passwordChangedOutside();
    for (const [username, password] of Object.entries(passwords)) {
      this.cluster.setByHand(username, password);
    }
    this.invariants.check();
  }
}

function isTooRecent(result: InvocationResult): boolean {
  return result.kind === 'failed' && result.code === 'ROTATED_TOO_RECENTLY';
}

/** Passwords by user. */
export type Backup = Readonly<Record<string, string>>;
