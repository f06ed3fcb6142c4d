import { randomUUID } from 'node:crypto';
import { emulatorRequest, untilRotation } from '../../../local/cloud/emulator-control.ts';
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
  const put = (SecretString: string) => world.secretsManager.putSecretValue({ SecretId: SECRET, SecretString });
  const password = newPassword();
  await resetPassword('plaintext', world.user.username, password);
  await removePending(world);
  await put(world.value(password));
  switch (state) {
    case 'current':
      break;
    case 'unlabelled':
      await put(world.value(newPassword()));
      await put(world.value(newPassword()));
      break;
    case 'lost':
      await changePasswordOutside({ ...world.user, password });
      break;
    case 'unusable':
      await put('no credential');
  }
}

/** Without it, no other rotation starts after a failed one. */
export async function removePending({ secretsManager }: LeastPrivilegeWorld, SecretId: string = SECRET): Promise<void> {
  const { VersionIdsToStages = {} } = await secretsManager.describeSecret({ SecretId });
  const [pending] = Object.entries(VersionIdsToStages).find(([, labels]) => labels.includes('AWSPENDING')) ?? [];
  if (pending !== undefined) {
    const removal = { VersionStage: 'AWSPENDING', RemoveFromVersionId: pending };
    await secretsManager.updateSecretVersionStage({ SecretId, ...removal });
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
  await world.settles(SecretId);
  return (await world.logOf(world.functionArn)).filter((line) => line.includes(ClientRequestToken));
}

/** Stores a value during a rotation. */
export async function abandonRotation(world: LeastPrivilegeWorld): Promise<void> {
  await bringInto(world, 'current');
  const access = { awsUrl: world.config.endpoint };
  await emulatorRequest(access, 'PUT', 'hold', { secret: SECRET, step: 'setSecret' });
  await world.secretsManager.rotateSecret({ SecretId: SECRET });
  await untilRotation(access, SECRET, 'held', 60);
  await world.secretsManager.putSecretValue({ SecretId: SECRET, SecretString: world.value(newPassword()) });
  await world.settles(SECRET);
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
