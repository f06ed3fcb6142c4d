/** The control endpoints of the emulator. docs/local-cloud.md lists them. */
import type { LocalCloudAccess } from './access.ts';

type Emulator = Pick<LocalCloudAccess, 'awsUrl'>;

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
 * Waits until the rotation of a secret has this state.
 *
 * @param state `settled`: no step runs, but another attempt may follow. `idle`: none follows.
 * @throws Error if the time does not suffice.
 */
export async function untilRotation(
  emulator: Emulator,
  secretId: string,
  state: RotationView['state'] | 'settled' = 'idle',
  withinSeconds = 60,
): Promise<RotationView> {
  const query = new URLSearchParams({ secret: secretId, wait: state, timeout: String(withinSeconds) });
  const view = await emulatorRequest(emulator, 'GET', `rotation?${query.toString()}`);
  if ((view as { timed_out?: boolean }).timed_out === true) {
    throw new Error(
      `The rotation of ${secretId} did not become ${state} within ${withinSeconds} s: ${JSON.stringify(view)}`,
    );
  }
  return view as RotationView;
}

/** Sets how often the emulator repeats a failed rotation of a secret. */
export async function setRetries(
  emulator: Emulator,
  secret: string,
  retries: number,
  spacing_seconds = 0,
): Promise<void> {
  await emulatorRequest(emulator, 'PUT', 'retries', { secret, retries, spacing_seconds });
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
