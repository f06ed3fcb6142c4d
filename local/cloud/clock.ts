import type { LocalCloudAccess } from './access.ts';

/**
 * Moves the emulator's clock forward, and waits until the emulator has started the rotations that
 * are due.
 *
 * @returns The ARNs of the secrets whose rotation started.
 */
export async function advanceClock(access: LocalCloudAccess, seconds: number): Promise<string[]> {
  const answer = await fetch(`${access.awsUrl}/_local/clock`, {
    method: 'POST',
    body: JSON.stringify({ advance_seconds: seconds }),
  });
  if (!answer.ok) {
    throw new Error(`The emulator refused to move its clock by ${seconds} s: ${await answer.text()}`);
  }
  const { started } = (await answer.json()) as { started: string[] };
  return started;
}
