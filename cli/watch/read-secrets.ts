import type { Aws, RotatingSecret } from '../aws/aws.ts';
import { AwsError } from '../aws/aws-error.ts';
import type { Pace } from '../aws/pace.ts';
import type { SelectedSecret } from '../select/selection.ts';

export interface WatchedSecret {
  readonly secret: RotatingSecret;
  readonly aws: Aws;
}

/** With more secrets, one ListSecrets of 100 secrets replaces many calls of DescribeSecret. */
const DESCRIBED_AT_MOST = 20;

/**
 * Returns a function that reads all watched secrets. While AWS throttles or cannot be reached, it
 * returns what it read last.
 */
export function createSecretsReader(
  selected: readonly SelectedSecret[],
  waitForTurn: Pace['turn'],
): () => Promise<readonly WatchedSecret[]> {
  const read = selected.length > DESCRIBED_AT_MOST ? list : describe;
  let last: readonly WatchedSecret[] | undefined;
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

async function describe(
  selected: readonly SelectedSecret[],
  waitForTurn: Pace['turn'],
): Promise<readonly WatchedSecret[]> {
  return await Promise.all(
    selected.map(async ({ secretId, aws }) => {
      await waitForTurn();
      return { secret: await aws.rotation.describeSecret(secretId), aws };
    }),
  );
}

async function list(selected: readonly SelectedSecret[], waitForTurn: Pace['turn']): Promise<readonly WatchedSecret[]> {
  const watched: WatchedSecret[] = [];
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
