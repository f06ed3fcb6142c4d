import { expect } from 'vitest';
import { WorkerMemory } from '../../lambda/worker-memory.ts';
import type { KeyScope } from '../../protocol/keys/control-plane.ts';
import type { RotationPorts } from '../../protocol/rotation/ports.ts';
import { runStep } from '../../protocol/rotation/rotation.ts';
import { STEPS, type Step } from '../../protocol/rotation/rotation-request.ts';
import { AWSCURRENT, AWSPENDING, AWSPREVIOUS } from '../../protocol/secret/versions.ts';
import { KeyWorld, SCOPE } from '../support/key-world.ts';
import { MINIMUM_GAP_MS } from './fault-world.ts';
import { type FaultPlan, type InvocationResult, invokeStep, type Protocol } from './faults.ts';
import type { PortCall } from './port-calls.ts';

/** A secret with an API key, beside keys of other owners, with faults and manual changes. */
export class KeyFaultWorld extends KeyWorld {
  /** Every call of every invocation. */
  readonly calls: PortCall[] = [];
  readonly #protocol: Protocol;
  readonly #foreign: ReadonlyArray<{ readonly id: string; readonly key: string }>;
  #worker = new WorkerMemory(() => this.now);
  /** The scope that a person gave the current key last. */
  #scope: KeyScope = SCOPE;
  /** When each key was last seen in AWSCURRENT. */
  readonly #current = new Map<string, number>();

  constructor(protocol: Protocol = runStep) {
    super();
    this.configure({ minimumGapMs: MINIMUM_GAP_MS });
    this.useDatesOfAws();
    this.#protocol = protocol;
    this.#foreign = ['orders', 'another secret'].map((name) =>
      this.organization.createByHand({ name, description: `of the owner of ${name}`, scope: SCOPE }),
    );
  }

  /**
   * Each key that an application can hold is accepted: the ones in AWSPREVIOUS and AWSPENDING, and
   * each that was in AWSCURRENT within the minimum gap. No key of another owner is touched.
   */
  check(): void {
    const current = this.passwordIn(AWSCURRENT) ?? '';
    this.#requireAccepted(current, 'the current key');
    this.#current.set(current, this.now);
    for (const [key, at] of this.#current) {
      if (this.now - at < this.config.minimumGapMs) {
        this.#requireAccepted(key, 'a key that was current');
      }
    }
    for (const label of [AWSPREVIOUS, AWSPENDING].filter((each) => this.keyIdIn(each) !== undefined)) {
      this.#requireAccepted(this.passwordIn(label) ?? '', `the key in ${label}`);
    }
    for (const { key } of this.#foreign) {
      this.#requireAccepted(key, 'a key of another owner');
    }
  }

  #requireAccepted(key: string, what: string): void {
    // Not with expect, which takes longer than all rotations: this runs millions of times.
    if (!this.organization.accepts(key)) {
      throw new Error(`${what} is not accepted any more`);
    }
  }

  async invoke(
    step: Step,
    token: string,
    plan: FaultPlan = new Map(),
    ports: RotationPorts = this.ports(),
  ): Promise<InvocationResult> {
    const request = { step, token, secretId: this.secret.arn };
    const onCall = (call: PortCall): void => {
      this.check();
      this.calls.push(call);
    };
    const result = await invokeStep(this.#protocol, request, this.#worker, ports, { plan, onCall });
    if (result.kind === 'killed') {
      this.#worker = new WorkerMemory(() => this.now);
    }
    this.check();
    return result;
  }

  /** Continues an unfinished rotation, or starts another one. */
  async rotateSecret(plans: Partial<Record<Step, FaultPlan>> = {}): Promise<InvocationResult['kind']> {
    const token = this.unfinishedToken ?? this.newToken();
    this.secret.startRotation(token);
    for (const step of STEPS) {
      const { kind } = await this.invoke(step, token, plans[step]);
      if (kind !== 'done') {
        return kind;
      }
    }
    this.secret.lastRotatedAt = this.date + this.now;
    return 'done';
  }

  /** Stores AWSCURRENT with one more key, as a person does in the console. */
  storeAnotherKey(): void {
    const current = this.documentOf(this.secret.holder(AWSCURRENT) ?? '');
    const note = this.secret.versionIds.length;
    this.secret.storeByHand(`by-hand-${note}`, JSON.stringify({ ...current, note }));
  }

  /** Rotates, and waits until the next rotation may delete keys. */
  async rotateAndWait(): Promise<void> {
    await this.rotateSecret();
    this.now += 2 * MINIMUM_GAP_MS;
  }

  /** Gives the current key another scope, as a person does in the console. */
  changeScopeOfCurrent(): void {
    this.#scope = { ...SCOPE, projects: SCOPE.projects.map((project) => ({ ...project, role: 'Read-Only' })) };
    this.organization.changeScope(this.keyIdIn(AWSCURRENT) ?? '', this.#scope);
  }

  /** Moves AWSCURRENT to the previous version, as a person does after a bad rotation. */
  async moveCurrentBack(): Promise<void> {
    const [from = '', to] = [AWSCURRENT, AWSPREVIOUS].map((label) => this.secret.holder(label));
    if (to !== undefined) {
      await this.secret.promote({ to, from });
    }
  }

  /**
   * The next attempts complete, and some rotations later the organization has exactly the keys that
   * the secret names, and those of other owners: nothing is lost.
   */
  async expectRecovery(): Promise<void> {
    // The first attempt may find an edit, and then removes AWSPENDING.
    if ((await this.rotateSecret()) !== 'done') {
      expect(await this.rotateSecret()).toBe('done');
    }
    for (let rotations = 1; rotations <= 3; rotations++) {
      this.now += 2 * MINIMUM_GAP_MS;
      expect(await this.rotateSecret()).toBe('done');
    }
    const named = [this.keyIdIn(AWSCURRENT), this.keyIdIn(AWSPREVIOUS), ...this.#foreign.map(({ id }) => id)];
    expect(await this.keyIds()).toEqual(named.toSorted());
    const current = (await this.organization.list()).find(({ id }) => id === this.keyIdIn(AWSCURRENT));
    expect(current?.scope, 'the scope of the current key').toEqual(this.#scope);
  }
}
