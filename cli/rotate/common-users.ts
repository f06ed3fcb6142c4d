import { readCurrent } from '../../protocol/credential/read-version.ts';
import { SecretStoreError } from '../../protocol/secret/secret-store.ts';
import type { Aws } from '../aws/aws.ts';
import { AwsError } from '../aws/aws-error.ts';
import { mapConcurrently } from '../aws/map-concurrently.ts';
import { readStrategy } from '../examine/read-strategy.ts';
import { explainSameUser, type UsersOfSecret, usersOfSecret } from '../examine/users-of-secret.ts';
import type { CommandRefusal } from '../outcome/failure.ts';
import type { SelectedSecret } from '../select/selection.ts';
import type { RotatePorts } from './rotate-ports.ts';

const READS_AT_A_TIME = 20;

/**
 * Finds secrets that hold the same cluster user: a rotation of one changes the password, and the
 * other keeps the old one. Compares these secrets only. `status` and `doctor` search further.
 *
 * @returns why a secret must not rotate, by its id as given
 */
export async function findCommonUsers(
  secrets: readonly SelectedSecret[],
  portsOf: (aws: Aws) => RotatePorts,
): Promise<ReadonlyMap<string, CommandRefusal>> {
  const read = await mapConcurrently(
    secrets,
    READS_AT_A_TIME,
    async (secret) => await readUsers(secret, portsOf(secret.aws)),
  );
  const known = read.filter((users) => users !== undefined);
  const holders = known.flatMap((users) => users.usernames.map((username) => ({ ...users, username })));
  const byUser = Map.groupBy(holders, ({ endpoint, username }) => `${endpoint} ${username}`);
  return new Map(
    known.flatMap(({ secretId, arn, name, endpoint, usernames }) => {
      const others = usernames
        .flatMap((username) => byUser.get(`${endpoint} ${username}`) ?? [])
        .filter((holder) => holder.arn !== arn)
        .map((holder) => holder.name);
      const why = explainSameUser(name, endpoint, [...new Set(others)]);
      return why === undefined
        ? []
        : [[secretId, { ...why, kind: 'refused', advice: `Nothing was changed. ${why.advice}` }] as const];
    }),
  );
}

/** @returns `undefined` for a secret that cannot be read. It cannot rotate either */
async function readUsers(
  { secretId, secret, aws }: SelectedSecret,
  { endpoints, usernames, interrupted, ...ports }: RotatePorts,
): Promise<(UsersOfSecret & { readonly secretId: string }) | undefined> {
  if (interrupted.aborted) {
    return undefined;
  }
  try {
    const described = secret ?? (await ports.aws.rotation.describeSecret(secretId));
    const current = await readCurrent(described, { store: aws.store(described.arn), endpoints });
    return current.kind === 'unusable'
      ? undefined
      : { secretId, ...usersOfSecret(described, current.credentials, await readStrategy(described, usernames, aws)) };
  } catch (error) {
    if (error instanceof AwsError || error instanceof SecretStoreError) {
      return undefined;
    }
    throw error;
  }
}
