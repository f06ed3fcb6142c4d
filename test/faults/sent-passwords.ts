import type { Change } from '../../protocol/cluster/cluster.ts';

/** The passwords that were sent to the cluster, and which of them must stay findable. */
export class SentPasswords {
  readonly #sent: string[] = [];
  #mustStayFindable: readonly string[] = [];
  /** The number of changes to each password that have not reached the cluster yet. */
  readonly #inFlight = new Map<string, number>();
  /**
   * How the cluster last refused each password as the new password of a user. After a login with
   * another password, a refused password need not stay findable if the refusal was for good, or if
   * no change to the refused password is in flight.
   */
  readonly #refused = new Map<string, 'for good' | 'this time'>();

  /** These passwords must stay findable, in the order in which they were first sent. */
  get mustStayFindable(): readonly string[] {
    return this.#mustStayFindable;
  }

  sent(password: string): void {
    this.#inFlight.set(password, (this.#inFlight.get(password) ?? 0) + 1);
    if (!this.#sent.includes(password)) {
      this.#sent.push(password);
      this.#mustStayFindable = [...this.#mustStayFindable, password];
    }
  }

  /** The cluster accepts the password, which was proven by somebody who is not this rotation. */
  provenElsewhere(password: string): void {
    if (!this.#sent.includes(password)) {
      this.#sent.push(password);
    }
    if (!this.#mustStayFindable.includes(password)) {
      this.#mustStayFindable = [...this.#mustStayFindable, password];
    }
  }

  /** A change to the password is no longer in flight. */
  arrived(password: string): void {
    this.#inFlight.set(password, (this.#inFlight.get(password) ?? 0) - 1);
  }

  answered(password: string, answer: Change): void {
    if (answer.kind === 'refused') {
      this.#refused.set(password, answer.reason === 'new-password' ? 'for good' : 'this time');
    } else if (answer.kind === 'changed') {
      this.#refused.delete(password);
    }
  }

  /**
   * A login proved that the cluster accepts the password, so earlier passwords need not stay
   * findable.
   */
  proven(password: string): void {
    const sentAt = this.#sent.indexOf(password);
    this.#mustStayFindable = this.#mustStayFindable.filter(
      (other) => other === password || (this.#sent.indexOf(other) >= sentAt && this.#mayBeAcceptedLater(other)),
    );
  }

  /**
   * The cluster rejected a login with this password while the cluster accepts no stored password,
   * so no login can prove another password. If the cluster had refused this password for good, it
   * need not stay findable.
   */
  rejectedWithNoneAccepted(password: string): void {
    if (this.#refused.get(password) === 'for good') {
      this.#mustStayFindable = this.#mustStayFindable.filter((other) => other !== password);
    }
  }

  #mayBeAcceptedLater(password: string): boolean {
    const refused = this.#refused.get(password);
    return refused === undefined || (refused === 'this time' && this.#inFlight.get(password) !== 0);
  }
}
