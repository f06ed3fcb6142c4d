/** A failure of one Secrets Manager action on one secret; docs/local-cloud.md shows the kinds. */
export interface ArmedFault {
  readonly action: string;
  readonly kind: 'fail-before' | 'lose-answer' | 'throttle' | 'hang';
  readonly match?: Readonly<Record<string, unknown>>;
  readonly skip?: number;
  readonly times?: number;
  readonly cut?: boolean;
  readonly seconds?: number;
}

/** The emulator's control endpoint, for the rotations of one secret. */
export class EmulatorControl {
  readonly #url: string;
  readonly #secret: string;

  constructor(awsUrl: string, secret: string) {
    this.#url = awsUrl;
    this.#secret = secret;
  }

  /** Whether a failed attempt is repeated by itself. Off: the scenario decides how it goes on. */
  async setRetries(retries: number): Promise<void> {
    await this.#ask('PUT', 'retries', { secret: this.#secret, retries, spacing_seconds: 0 });
  }

  /** The next rotation stands still before this step, until it is released. */
  async holdBefore(step: string): Promise<void> {
    await this.#ask('PUT', 'hold', { secret: this.#secret, step });
  }

  async release(): Promise<void> {
    await this.#ask('DELETE', 'hold', { secret: this.#secret });
  }

  /** @returns false when the rotation ended without coming to that state. */
  async comesTo(state: 'held' | 'idle'): Promise<boolean> {
    for (let seconds = 0; seconds < 120; seconds++) {
      const query = new URLSearchParams({ secret: this.#secret, wait: state, timeout: '1' });
      const view = (await this.#ask('GET', `rotation?${query.toString()}`)) as { state: string };
      if (view.state === state || view.state === 'idle') {
        return view.state === state;
      }
    }
    throw new Error(`The rotation of ${this.#secret} neither came to ${state} nor ended.`);
  }

  /** @returns what disarms it, telling whether it has struck. */
  async arm(fault: ArmedFault): Promise<{ struck(): Promise<boolean>; disarm(): Promise<void> }> {
    const { id } = (await this.#ask('POST', 'faults', { ...fault, secret: this.#secret })) as { id: number };
    return {
      struck: async () => {
        const { faults } = (await this.#ask('GET', 'faults')) as { faults: Array<{ id: number; fired: number }> };
        return faults.some((armed) => armed.id === id && armed.fired > 0);
      },
      disarm: async () => {
        await this.#ask('DELETE', 'faults', { id });
      },
    };
  }

  async #ask(method: string, path: string, body?: unknown): Promise<unknown> {
    const answer = await fetch(
      `${this.#url}/_local/${path}`,
      method === 'GET' ? { method } : { method, body: JSON.stringify(body) },
    );
    if (!answer.ok) {
      throw new Error(`${method} /_local/${path} answered ${answer.status}: ${await answer.text()}`);
    }
    return await answer.json();
  }
}
