import { PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { currentValue, rotationSettles } from '../../support/deployed-rotation.ts';
import { secretsManager } from '../../support/servers.ts';

/**
 * What a new secret needs once: the real password in the place of its placeholder, as an operator stores it.
 *
 * @param fields of its value. Those that are not named stay.
 */
export async function storeCredential(
  secretId: string,
  fields: { readonly password: string; readonly endpoint?: string; readonly username?: string },
): Promise<void> {
  // A value that is stored during the test of the deployment would end it.
  await rotationSettles(secretId);
  const before = JSON.parse(await currentValue(secretId)) as Record<string, unknown>;
  const SecretString = JSON.stringify({ ...before, ...fields });
  await secretsManager().send(new PutSecretValueCommand({ SecretId: secretId, SecretString }));
}
