import type { LocalCloudAccess } from './access.ts';

/** The last event of a rotation. `Test…` belongs to the test of a new schedule. */
export type RotationEnd =
  | 'RotationSucceeded'
  | 'RotationFailed'
  | 'RotationAbandoned'
  | 'TestRotationSucceeded'
  | 'TestRotationFailed';

interface RotationState {
  readonly state: string;
  readonly step?: string | null;
  readonly timed_out?: boolean;
  readonly history: readonly { readonly event: string }[];
}

/**
 * Waits until the rotation of a secret has ended, with all further attempts.
 *
 * @param secretId Name or ARN.
 * @returns The last event, or undefined if the secret was never rotated.
 */
export async function rotationEnd(
  access: LocalCloudAccess,
  secretId: string,
  withinSeconds = 30,
): Promise<RotationEnd | undefined> {
  const query = new URLSearchParams({ secret: secretId, wait: 'idle', timeout: String(withinSeconds) });
  const answer = await fetch(`${access.awsUrl}/_local/rotation?${query.toString()}`);
  if (!answer.ok) {
    throw new Error(`The emulator has no rotation of ${secretId}: ${await answer.text()}`);
  }
  const { state, step, timed_out, history } = (await answer.json()) as RotationState;
  if (timed_out) {
    throw new Error(`The rotation of ${secretId} is ${state} after ${withinSeconds} s. Step: ${step ?? 'none'}.`);
  }
  return history.at(-1)?.event as RotationEnd | undefined;
}
