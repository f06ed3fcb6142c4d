import type { LocatedSecret } from '../aws/aws.ts';
import { AwsError } from '../aws/aws-error.ts';
import type { Pace } from '../aws/pace.ts';
import type { SelectedSecret } from '../select/selection.ts';

/** With more secrets, one ListSecrets of 100 secrets replaces many calls of DescribeSecret. */
const DESCRIBED_AT_MOST = 20;

/**
 * Returns a function that reads all watched secrets. While AWS throttles or cannot be reached, it
 * returns what it read last.
 */
export function createSecretsReader(
  selected: readonly SelectedSecret[],
  waitForTurn: Pace['turn'],
): () => Promise<readonly LocatedSecret[]> {
  const read = selected.length > DESCRIBED_AT_MOST ? listSecrets : describeSecrets;
  let last: readonly LocatedSecret[] | undefined;
  return async () => {
    try {
      last = await read(selected, waitForTurn);
    } catch (error) {
      if (last === undefined || !(error instanceof AwsError && error.retryable)) {
        throw error;
      }
    }
    return last;
  };
}

async function describeSecrets(
  selected: readonly SelectedSecret[],
  waitForTurn: Pace['turn'],
): Promise<readonly LocatedSecret[]> {
  return await Promise.all(
    selected.map(async ({ secretId, aws }) => {
      await waitForTurn();
      return { secret: await aws.rotation.describeSecret(secretId), aws };
    }),
  );
}

async function listSecrets(
  selected: readonly SelectedSecret[],
  waitForTurn: Pace['turn'],
): Promise<readonly LocatedSecret[]> {
  const watched: LocatedSecret[] = [];
  for (const [aws, ofAws] of Map.groupBy(selected, (secret) => secret.aws)) {
    await waitForTurn();
    const ids = new Set(ofAws.map(({ secretId }) => secretId));
    const secrets = await aws.rotation.listSecrets();
    watched.push(
      ...secrets.filter(({ arn, name }) => ids.has(arn) || ids.has(name)).map((secret) => ({ secret, aws })),
    );
  }
  return watched;
}
