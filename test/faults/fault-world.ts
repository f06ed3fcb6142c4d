import { STEPS, type Step } from '../../lambda/event.ts';
import type { FailureCode } from '../../lambda/rotation/errors.ts';
import type { RotationPorts } from '../../lambda/rotation/ports.ts';
import { rotate } from '../../lambda/rotation/rotation.ts';
import { tokenOf } from '../../secret/document.ts';
import { AWSCURRENT, AWSPENDING, AWSPREVIOUS } from '../../secret/versions.ts';
import type { InMemoryCluster } from '../support/in-memory-cluster.ts';
import { FIRST_PASSWORD, RotationWorld, USER } from '../support/rotation-world.ts';
import { disturbed, type FaultPlan } from './faults.ts';
import { Invariants } from './invariants.ts';
import type { PortCall } from './port-calls.ts';

/** How an invocation ended, as Secrets Manager sees it: an answer, an error, or neither. */
export type Ended = { kind: 'done'; outcome: string } | { kind: 'failed'; code: FailureCode } | { kind: 'died' };

const NO_FAULT: FaultPlan = new Map();

/** A world in which calls fail, processes die and people interfere, with the invariants checked after every step. */
export class FaultWorld extends RotationWorld {
  readonly invariants: Invariants = new Invariants(this.secret, this.cluster, USER);
  /** Every rotation that Secrets Manager has begun, with the steps that it came to. */
  readonly begun: Array<{ readonly token: string; readonly steps: Set<Step> }> = [];
  /** Every password that the cluster has had. */
  readonly passwordsInForce: string[] = [FIRST_PASSWORD];
  /** Every call of every invocation so far. */
  readonly calls: PortCall[] = [];
  readonly #rotate: typeof rotate;
  readonly #onTheirWay: Array<() => Promise<unknown>> = [];
  #tokens = 0;
  #hands = 0;

  /** @param protocol the protocol to be tested, for those who bring a broken one. */
  constructor(protocol: typeof rotate = rotate, cluster?: InMemoryCluster) {
    super(undefined, cluster);
    this.#rotate = protocol;
  }

  newToken(): string {
    return `t${++this.#tokens}`;
  }

  /** One invocation of the function, with faults at some of its calls. */
  async invoke(
    step: Step,
    token: string,
    plan: FaultPlan = NO_FAULT,
    ports: RotationPorts = this.watchedPorts(),
  ): Promise<Ended> {
    const death = Promise.withResolvers<Ended>();
    const request = { step, secretId: this.secret.arn, token, rotationToken: undefined };
    const work = this.#rotate(
      request,
      disturbed(ports, {
        plan,
        die: () => death.resolve({ kind: 'died' }),
        onCall: (call) => this.calls.push(call),
        arrivesLater: ({ sends = '' }, perform) => {
          this.invariants.wasSent(sends);
          this.#onTheirWay.push(() => {
            this.invariants.arrives(sends);
            return perform();
          });
        },
      }),
    ).then(
      (outcome): Ended => ({ kind: 'done', outcome }),
      (error: { code: FailureCode }): Ended => ({ kind: 'failed', code: error.code }),
    );
    const ended = await Promise.race([work, death.promise]);
    this.#note();
    this.invariants.check();
    return ended;
  }

  #note(): void {
    const inForce = this.cluster.passwordOf(USER) ?? '';
    if (!this.passwordsInForce.includes(inForce)) {
      this.passwordsInForce.push(inForce);
    }
  }

  watchedPorts(): RotationPorts {
    return this.invariants.watch(this.ports());
  }

  /**
   * RotateSecret and what follows it. Secrets Manager goes on with an unfinished rotation under its own token and
   * begins another one only when none is.
   *
   * @param plans which faults meet which step; a step that is not named meets none.
   */
  async rotateSecret(
    plans: Partial<Record<Step, FaultPlan>> = {},
    ports = (): RotationPorts => this.watchedPorts(),
  ): Promise<Ended> {
    const token = this.unfinished ?? this.newToken();
    if (!this.secret.startRotation(token)) {
      throw new Error(`Secrets Manager refuses to start ${token}.`);
    }
    let ended: Ended = { kind: 'died' };
    const rotation = { token, steps: new Set<Step>() };
    this.begun.push(rotation);
    for (const step of STEPS) {
      rotation.steps.add(step);
      ended = await this.invoke(step, token, plans[step], ports());
      if (ended.kind !== 'done') {
        break;
      }
    }
    return ended;
  }

  /** The token of a rotation that has begun and not ended. */
  get unfinished(): string | undefined {
    const pending = this.secret.holder(AWSPENDING);
    return pending === this.secret.holder(AWSCURRENT) ? undefined : pending;
  }

  /** What was on its way to the cluster arrives, and every proxy learns of it. */
  async arrivals(): Promise<void> {
    for (const request of this.#onTheirWay.splice(0)) {
      // Unless the network has gone meanwhile.
      await request().catch(() => undefined);
      this.#note();
    }
    this.cluster.propagate();
    this.invariants.check();
  }

  /**
   * AWS's documented way out of a rotation that hangs; and a day later Secrets Manager deletes what has no label. It
   * spares the password in force only where that is none that we owe: people stored it or restored it themselves.
   */
  unstick(): void {
    if (this.unfinished !== undefined) {
      this.secret.removePendingByHand();
    }
    const inForce = this.cluster.passwordOf(USER) ?? '';
    this.secret.deleteDeprecated((value) => value.includes(`"${inForce}"`) && !this.invariants.owes(inForce));
    this.invariants.check();
  }

  cancelRotation(): void {
    this.secret.rotationEnabled = false;
  }

  /** Someone reads AWSCURRENT in the console, changes one key of it, or its password, and stores it. */
  storeByHand(change: 'another key' | 'a wrong password' | 'the password in force'): void {
    const hand = ++this.#hands;
    const current = JSON.parse(this.secret.valueOf(this.secret.holder(AWSCURRENT) ?? '') ?? '') as object;
    const password = change === 'a wrong password' ? `Wrong-by-hand-${hand}` : (this.cluster.passwordOf(USER) ?? '');
    const edit = change === 'another key' ? { note: hand } : { password, token: tokenOf({ username: USER, password }) };
    this.secret.storeByHand(`hand-${hand}`, JSON.stringify({ ...current, ...edit }));
    this.invariants.check();
  }

  /** Someone distrusts a rotation and moves AWSCURRENT to where it was; the label AWSPENDING stays where it is. */
  moveCurrentBackByHand(): void {
    const previous = this.secret.holder(AWSPREVIOUS);
    const current = this.secret.holder(AWSCURRENT);
    if (previous !== undefined && current !== undefined) {
      void this.secret.promote({ to: previous, from: current });
    }
    this.invariants.check();
  }

  /** A backup is restored, an administrator resets the password, or another secret's rotation changes it. */
  setPasswordByHand(password: string): void {
    // A cluster that is restored has lost its connections, and what was on its way with them.
    this.#onTheirWay.length = 0;
    this.invariants.clusterWasChangedByHand();
    this.cluster.setByHand(USER, password);
    this.invariants.check();
  }
}
