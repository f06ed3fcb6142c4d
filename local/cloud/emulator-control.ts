/** The control endpoints of the emulator. docs/local-cloud.md lists them. */
import type { LocalCloudAccess } from './access.ts';

export type Emulator = Pick<LocalCloudAccess, 'awsUrl'>;

/** The state of a secret's rotation. */
export interface RotationView {
  readonly state: 'idle' | 'running' | 'held' | 'waiting';
  /** Oldest first. `Test…` belongs to the test of a new schedule. */
  readonly history: ReadonlyArray<{ readonly event: string; readonly token: string; readonly reason?: string }>;
}

/** @param path Below `/_local/`. @throws Error if the emulator refuses the request. */
export async function emulatorRequest(
  { awsUrl }: Emulator,
  method: string,
  path: string,
  body?: unknown,
): Promise<unknown> {
  const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
  const answer = await fetch(`${awsUrl}/_local/${path}`, init);
  if (!answer.ok) {
    throw new Error(`${method} /_local/${path} answered ${answer.status}: ${await answer.text()}`);
  }
  return await answer.json();
}

/**
 * Moves the emulator's clock forward, and waits until the emulator has started the rotations that
 * are due.
 *
 * @returns The ARNs of the secrets whose rotation started.
 */
export async function advanceClock(emulator: Emulator, seconds: number): Promise<string[]> {
  const answer = await emulatorRequest(emulator, 'POST', 'clock', { advance_seconds: seconds });
  return (answer as { started: string[] }).started;
}

/** A fault of one Secrets Manager action on one secret. See docs/local-cloud.md for the kinds. */
export interface SecretsManagerFault {
  readonly action: string;
  readonly kind: 'fail-before' | 'lose-answer' | 'throttle' | 'deny' | 'key-failure' | 'hang';
  readonly match?: Readonly<Record<string, unknown>>;
  readonly times?: number;
  readonly cut?: boolean;
  readonly seconds?: number;
}

export interface ArmedFault {
  occurred(): Promise<boolean>;
  /** @returns whether the fault occurred. */
  disarm(): Promise<boolean>;
}

/** The rotations of a secret, which the emulator pauses, repeats and disturbs as a test needs. */
export class ControlledRotation {
  /** The name or the ARN of the secret. */
  readonly name: string;
  readonly #emulator: Emulator;

  constructor(emulator: Emulator, name: string) {
    this.name = name;
    this.#emulator = emulator;
  }

  /**
   * Waits for a state of the rotation, or until the rotation has ended.
   *
   * @param state `idle`: no further attempt follows. `settled`: another attempt may follow.
   * @throws Error if the time does not suffice.
   */
  async until(state: 'held' | 'idle' | 'settled' = 'idle'): Promise<RotationView> {
    const query = new URLSearchParams({ secret: this.name, wait: state, timeout: String(WAIT_SECONDS) });
    const view = await this.#request('GET', `rotation?${query.toString()}`);
    if ((view as { timed_out?: boolean }).timed_out === true) {
      throw new Error(
        `The rotation of ${this.name} did not become ${state} within ${WAIT_SECONDS} s: ${JSON.stringify(view)}`,
      );
    }
    return view as RotationView;
  }

  /** Sets how often the emulator retries a failed attempt. */
  async setRetries(retries: number, spacing_seconds = 0): Promise<void> {
    await this.#request('PUT', 'retries', { secret: this.name, retries, spacing_seconds });
  }

  /** Pauses the next rotation before this step until {@link release}. */
  async holdBefore(step: string): Promise<void> {
    await this.#request('PUT', 'hold', { secret: this.name, step });
  }

  async release(): Promise<void> {
    await this.#request('DELETE', 'hold', { secret: this.name });
  }

  async arm(fault: SecretsManagerFault): Promise<ArmedFault> {
    const { id } = (await this.#request('POST', 'faults', { ...fault, secret: this.name })) as { id: number };
    const occurred = async (): Promise<boolean> => {
      const { faults } = (await this.#request('GET', 'faults')) as { faults: Array<{ id: number; fired: number }> };
      return faults.some((armed) => armed.id === id && armed.fired > 0);
    };
    const disarm = async (): Promise<boolean> => {
      const result = await occurred();
      await this.#request('DELETE', 'faults', { id });
      return result;
    };
    return { occurred, disarm };
  }

  #request(method: string, path: string, body?: object): Promise<unknown> {
    return emulatorRequest(this.#emulator, method, path, body);
  }
}

/** A rotation that waits for slow proxies takes most of it. */
const WAIT_SECONDS = 120;
