import { randomUUID } from 'node:crypto';
import { entriesWith } from '../../support/function-log.ts';
import { changePasswordOutside, newPassword, resetPassword } from '../../support/servers.ts';
import { type LeastPrivilegeWorld, SECRET } from './least-privilege-world.ts';

/** AWSCURRENT moved, with a stored password or with the admin's. Or a step failed. */
export type RotationResult = 'rotated' | 'reset' | { readonly code: string; readonly message: string };

/**
 * Where the accepted password is: in AWSCURRENT, in a version without a label, or nowhere. Or
 * AWSCURRENT holds no credential.
 */
export type SecretState = 'current' | 'unlabelled' | 'lost' | 'unusable';

/** Brings the secret into a state, whatever its last rotation has left behind. */
export async function bringInto(world: LeastPrivilegeWorld, state: SecretState): Promise<void> {
  const secret = world.secret();
  const password = newPassword();
  await resetPassword('plaintext', world.user.username, password);
  await secret.removePendingByHand();
  await secret.store(world.value(password));
  switch (state) {
    case 'current':
      break;
    case 'unlabelled':
      await secret.store(world.value(newPassword()));
      await secret.store(world.value(newPassword()));
      break;
    case 'lost':
      await changePasswordOutside({ ...world.user, password });
      break;
    case 'unusable':
      await secret.store('no credential');
  }
}

/** Brings the secret into a state and rotates it. */
export async function rotateFrom(world: LeastPrivilegeWorld, state: SecretState): Promise<RotationResult> {
  await bringInto(world, state);
  return resultIn(await rotate(world));
}

/** Rotates. @returns the function's log about this rotation */
export async function rotate(
  world: LeastPrivilegeWorld,
  SecretId: string = SECRET,
  schedule: object = {},
): Promise<readonly string[]> {
  const ClientRequestToken = randomUUID();
  await world.secretsManager.rotateSecret({ SecretId, ClientRequestToken, ...schedule });
  await world.secret(SecretId).until();
  return (await world.logOf(world.functionArn)).filter((line) => line.includes(ClientRequestToken));
}

/** Stores a value during a rotation. */
export async function abandonRotation(world: LeastPrivilegeWorld): Promise<void> {
  await bringInto(world, 'current');
  await world.secret().abandonRotation(world.value(newPassword()));
}

/** The result of the rotation with this log. */
export function resultIn(log: readonly string[]): RotationResult {
  const [failed] = entriesWith(log, '"rotation_event":"step-failed"');
  if (failed !== undefined) {
    const { error_code: code, error_message: message } = failed as { error_code: string; error_message: string };
    return { code, message };
  }
  if (entriesWith(log, '"promoted"').length === 0) {
    throw new Error(`The log of the function names no failed step, and no move of AWSCURRENT: ${log.join('\n')}`);
  }
  return entriesWith(log, '"reset-by-admin"').length > 0 ? 'reset' : 'rotated';
}
