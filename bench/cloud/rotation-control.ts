import { emulatorRequest, setRetries } from '../../local/cloud/emulator-control.ts';

/** A fault of one Secrets Manager action on one secret. See docs/local-cloud.md for the kinds. */
export interface SecretsManagerFault {
  readonly action: string;
  readonly kind: 'fail-before' | 'lose-answer' | 'throttle' | 'deny' | 'key-failure' | 'hang';
  readonly match?: Readonly<Record<string, unknown>>;
  readonly times?: number;
  readonly cut?: boolean;
  readonly seconds?: number;
}

interface ArmedFault {
  occurred(): Promise<boolean>;
  /** @returns whether the fault occurred. */
  disarm(): Promise<boolean>;
}

/** The emulator's control endpoints for the rotations of one secret. */
export class RotationControl {
  readonly #emulator: { readonly awsUrl: string };
  readonly #secret: string;
  readonly #armed: number[] = [];

  constructor(emulator: { readonly awsUrl: string }, secret: string) {
    this.#emulator = emulator;
    this.#secret = secret;
  }

  /** Sets how often the emulator retries a failed attempt. */
  async setRetries(retries: number): Promise<void> {
    await setRetries(this.#emulator, this.#secret, retries);
  }

  /** Pauses the next rotation before this step until {@link release}. */
  async holdBefore(step: string): Promise<void> {
    await emulatorRequest(this.#emulator, 'PUT', 'hold', { secret: this.#secret, step });
  }

  async release(): Promise<void> {
    await emulatorRequest(this.#emulator, 'DELETE', 'hold', { secret: this.#secret });
  }

  /** Waits for the state. @returns false if the rotation ended in another state. */
  async reaches(state: 'held' | 'idle'): Promise<boolean> {
    for (let seconds = 0; seconds < 120; seconds++) {
      const query = new URLSearchParams({ secret: this.#secret, wait: state, timeout: '1' });
      const view = (await emulatorRequest(this.#emulator, 'GET', `rotation?${query.toString()}`)) as { state: string };
      if (view.state === state || view.state === 'idle') {
        return view.state === state;
      }
    }
    throw new Error(`The rotation of ${this.#secret} neither became ${state} nor ended within 120 s.`);
  }

  async arm(fault: SecretsManagerFault): Promise<ArmedFault> {
    const { id } = (await emulatorRequest(this.#emulator, 'POST', 'faults', { ...fault, secret: this.#secret })) as {
      id: number;
    };
    this.#armed.push(id);
    const occurred = async (): Promise<boolean> => {
      const { faults } = (await emulatorRequest(this.#emulator, 'GET', 'faults')) as {
        faults: Array<{ id: number; fired: number }>;
      };
      return faults.some((armed) => armed.id === id && armed.fired > 0);
    };
    const disarm = async (): Promise<boolean> => {
      const result = await occurred();
      await emulatorRequest(this.#emulator, 'DELETE', 'faults', { id });
      return result;
    };
    return { occurred, disarm };
  }

  async disarmAll(): Promise<void> {
    for (const id of this.#armed) {
      await emulatorRequest(this.#emulator, 'DELETE', 'faults', { id });
    }
  }
}
