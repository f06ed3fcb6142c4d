import { AWSPENDING, sentLabel } from '../../../secret/versions.ts';
import type { FakeSecret } from './fake-aws.ts';
import { documentOf, NEW_PASSWORD } from './rotations.ts';

/** How the ids start that a fixture generates. */
export const GENERATED_ID = '00000000-0000-4000-8000-';

/**
 * An interrupted rotation: its version `token-1` holds NEW_PASSWORD, which the cluster may have or
 * not.
 */
export async function leavePending(
  secret: FakeSecret,
  labels: readonly string[] = [AWSPENDING, sentLabel('token-1')],
): Promise<void> {
  secret.store.startRotation('token-1');
  await secret.store.put({ versionId: 'token-1', value: documentOf(NEW_PASSWORD), labels });
}
