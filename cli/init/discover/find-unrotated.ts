import type { EndpointOptions, StoredCredential } from '../../../protocol/credential/stored-credential.ts';
import { SecretStoreError } from '../../../protocol/secret/secret-store.ts';
import type { Aws, RotatingSecret } from '../../aws/aws.ts';
import { readCurrent } from '../../examine/read-version.ts';
import { orError } from '../../outcome/or-error.ts';

/** A secret without rotation. */
export interface UnrotatedSecret {
  readonly secret: RotatingSecret;
  /** `undefined`: AWS denies access to its value. */
  readonly current: StoredCredential | undefined;
}

const READS_AT_A_TIME = 20;

/**
 * Reads the current value of every secret that no function rotates.
 *
 * @param prefix of the names
 * @param showCounts called before each read, with the number of secrets that are read
 * @throws AwsError
 */
export async function findUnrotated(
  prefix: string,
  { aws, endpoints }: { readonly aws: Aws; readonly endpoints: EndpointOptions },
  showCounts: (read: number, all: number) => void,
): Promise<readonly UnrotatedSecret[]> {
  const secrets = (await aws.rotation.listSecrets()).filter(
    ({ name, rotationEnabled }) => !rotationEnabled && name.startsWith(prefix),
  );
  const unrotated: UnrotatedSecret[] = [];
  for (let read = 0; read < secrets.length; read += READS_AT_A_TIME) {
    showCounts(read, secrets.length);
    const next = secrets.slice(read, read + READS_AT_A_TIME);
    const found = next.map(async (secret) => {
      const current = await orError(readCurrent(secret, { store: aws.store(secret.arn), endpoints }), SecretStoreError);
      return { secret, current: current instanceof SecretStoreError ? undefined : current };
    });
    unrotated.push(...(await Promise.all(found)));
  }
  return unrotated;
}
