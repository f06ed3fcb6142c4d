import type { Change } from '../../cluster/cluster.ts';

/** Keeps account of invariant 2: which passwords were sent to the cluster, and which of them are still owed. */
export class SentPasswords {
  readonly #everSent: string[] = [];
  #owed: readonly string[] = [];
  /** How many changes to a password are on their way, so that it may still come into force. */
  readonly #onTheirWay = new Map<string, number>();
  /**
   * What the cluster said last of a password that it refused. One that it will never take, or of which nothing is on its
   * way any more, is owed only until another one is proven in force.
   */
  readonly #refused = new Map<string, 'for good' | 'this time'>();

  /** In the order in which they were first sent. */
  get owed(): readonly string[] {
    return this.#owed;
  }

  sent(password: string): void {
    this.#onTheirWay.set(password, (this.#onTheirWay.get(password) ?? 0) + 1);
    if (!this.#everSent.includes(password)) {
      this.#everSent.push(password);
      this.#owed = [...this.#owed, password];
    }
  }

  /** A change is no longer on its way. */
  arrived(password: string): void {
    this.#onTheirWay.set(password, (this.#onTheirWay.get(password) ?? 0) - 1);
  }

  answered(password: string, answer: Change): void {
    if (answer.kind === 'refused') {
      this.#refused.set(password, answer.reason === 'new-password' ? 'for good' : 'this time');
    } else {
      this.#refused.delete(password);
    }
  }

  /** A true login settles what was sent before it. */
  proven(password: string): void {
    const settled = this.#everSent.indexOf(password);
    this.#owed = this.#owed.filter(
      (owed) => owed === password || (this.#everSent.indexOf(owed) >= settled && this.#mayComeIntoForce(owed)),
    );
  }

  #mayComeIntoForce(password: string): boolean {
    const refused = this.#refused.get(password);
    return refused === undefined || (refused === 'this time' && this.#onTheirWay.get(password) !== 0);
  }
}
