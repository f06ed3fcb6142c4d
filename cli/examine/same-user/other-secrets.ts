import { ENDPOINT_TAG } from '../../../protocol/secret/document.ts';
import type { Aws, RotatingSecret } from '../../aws/aws.ts';
import { AwsError } from '../../aws/aws-error.ts';
import { type DeployedFunction, readDeployedFunction } from '../../aws/deployed-function.ts';
import { catchKnown } from '../../outcome/catch-known.ts';

/** A secret that may hold the credential of a cluster user. */
export interface OtherSecret {
  readonly secret: RotatingSecret;
  readonly aws: Aws;
  /** `undefined`: no function rotates the secret, or AWS does not tell about the function. */
  readonly deployed: DeployedFunction | undefined;
}

export interface OtherSecrets {
  readonly secrets: readonly OtherSecret[];
  /** Whether AWS lists the secrets. */
  readonly areListed: boolean;
  readonly notes: readonly string[];
}

/** Lambda answers about 15 of these requests a second. */
const FUNCTIONS_AT_MOST = 50;

/**
 * Lists the secrets of one account and region that have a rotation function or the tag of an
 * endpoint. Reads no value.
 */
export async function listOtherSecrets(aws: Aws): Promise<OtherSecrets> {
  const listed = await catchKnown(aws.rotation.listSecrets(), AwsError);
  if (listed instanceof AwsError) {
    const note = `It is not known whether another secret holds the same user, because the secrets could not be listed. ${listed.message}`;
    return { secrets: [], areListed: false, notes: [note] };
  }
  const arns = [...new Set(listed.flatMap(({ rotationFunctionArn }) => rotationFunctionArn ?? []))];
  const functions = new Map<string, DeployedFunction>();
  await forEachOf(arns.slice(0, FUNCTIONS_AT_MOST), async (arn) => {
    const deployed = await readDeployedFunction(arn, aws);
    if (typeof deployed !== 'string') {
      functions.set(arn, deployed);
    }
  });
  const unread = arns.length - FUNCTIONS_AT_MOST;
  return {
    secrets: listed
      .filter(({ rotationFunctionArn, tags }) => rotationFunctionArn !== undefined || tags[ENDPOINT_TAG] !== undefined)
      .map((secret) => ({ secret, aws, deployed: functions.get(secret.rotationFunctionArn ?? '') })),
    areListed: true,
    notes:
      unread <= 0
        ? []
        : [
            `The users of secrets with ${unread} other rotation functions were not compared, because there are too many.`,
          ],
  };
}

/** Describes named secrets. Leaves out a secret that AWS does not describe. */
export async function describeOtherSecrets(
  named: ReadonlyArray<{ readonly secretId: string; readonly aws: Aws }>,
): Promise<readonly OtherSecret[]> {
  const described: OtherSecret[] = [];
  await forEachOf(named, async ({ secretId, aws }) => {
    const secret = await catchKnown(aws.rotation.describeSecret(secretId), AwsError);
    if (!(secret instanceof AwsError)) {
      const { rotationFunctionArn: arn } = secret;
      const deployed = arn === undefined ? '' : await readDeployedFunction(arn, aws);
      described.push({ secret, aws, deployed: typeof deployed === 'string' ? undefined : deployed });
    }
  });
  return described;
}

const AT_A_TIME = 10;

/** Calls the function for each item, some at a time. */
export async function forEachOf<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const rest = items.values();
  const worker = async (): Promise<void> => {
    for (const item of rest) {
      await work(item);
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, worker));
}
