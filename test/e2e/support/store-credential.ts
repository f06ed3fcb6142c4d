import { currentValue, putValue, rotationSettles } from '../../support/deployed-rotation.ts';

/** Stores the real password of a new secret, as an operator does. Other fields stay. */
export async function storeCredential(
  secretId: string,
  fields: { readonly password: string; readonly endpoint?: string; readonly username?: string },
): Promise<void> {
  // A value that is stored while Secrets Manager tests a new schedule ends this test.
  await rotationSettles(secretId);
  const value = JSON.parse(await currentValue(secretId)) as Record<string, unknown>;
  await putValue(secretId, JSON.stringify({ ...value, ...fields }));
}
