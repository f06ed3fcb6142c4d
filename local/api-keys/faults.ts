/** The methods of the control plane that a rotation calls. */
type Method = 'POST' | 'GET' | 'DELETE';

/** The words of the emulator, except that a hang never ends. */
export type FaultKind =
  /** HTTP 500. Nothing happens. */
  | 'fail-before'
  /** HTTP 429. Nothing happens. */
  | 'throttle'
  /** The request happens. Then the connection ends without an answer. */
  | 'lose-answer'
  /** The request happens. The caller waits until it gives up. */
  | 'hang';

export interface ControlPlaneFault {
  readonly kind: FaultKind;
  /** @default every method */
  readonly method?: Method;
  /** How many requests pass before the first that fails. @default 0 */
  readonly after?: number;
  /** How many requests fail. @default 1 */
  readonly times?: number;
}

/** Faults of the next requests. */
export class Faults {
  #armed: { kind: FaultKind; method: Method | undefined; after: number; times: number }[] = [];

  arm({ kind, method, after = 0, times = 1 }: ControlPlaneFault): void {
    this.#armed.push({ kind, method, after, times });
  }

  disarm(): void {
    this.#armed = [];
  }

  /** The fault of the next request with this method. The fault that was armed first wins. */
  next(method: string | undefined): FaultKind | undefined {
    for (const fault of this.#armed.filter((armed) => armed.method === undefined || armed.method === method)) {
      if (fault.after > 0) {
        fault.after--;
      } else if (fault.times > 0) {
        fault.times--;
        return fault.kind;
      }
    }
    return undefined;
  }
}
