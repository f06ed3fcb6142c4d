import type { LocalCloudAccess } from './access.ts';

/** The name of the event that Secrets Manager sends at the end. `Test…` when only a schedule was set up. */
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
 * Waits until no step of this secret's rotation runs and no further attempt is to come.
 *
 * @param secretId Name or ARN.
 * @returns How it ended, or undefined when there was none.
 */
export async function rotationEnd(
  access: LocalCloudAccess,
  secretId: string,
  withinSeconds = 30,
): Promise<RotationEnd | undefined> {
  const query = new URLSearchParams({ secret: secretId, wait: 'idle', timeout: String(withinSeconds) });
  const answer = await fetch(`${access.awsUrl}/_local/rotation?${query.toString()}`);
  if (!answer.ok) {
    throw new Error(`The emulator knows of no rotation of ${secretId}: ${await answer.text()}`);
  }
  const { state, step, timed_out, history } = (await answer.json()) as RotationState;
  if (timed_out) {
    throw new Error(`The rotation of ${secretId} is still ${state} after ${withinSeconds} s, in ${step ?? 'no step'}.`);
  }
  return history.at(-1)?.event as RotationEnd | undefined;
}
