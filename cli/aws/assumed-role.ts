import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { memoize } from '@smithy/core/config';
import type { RoleOfAccount } from './aws.ts';
import { answerOf } from './aws-error.ts';
import type { SdkConfig } from './sdk-config.ts';

/** CloudTrail shows this name in the ARN of the caller. */
const SESSION_NAME = 'zilliz-rotation';

/** As the SDK renews credentials of its own. */
const RENEWED_BEFORE_END_MS = 300_000;

/**
 * The credentials of a role, for all clients of its account. The identity of the configuration
 * assumes the role at the first request, and again before the credentials expire.
 */
export function createRoleCredentials(role: RoleOfAccount, config: SdkConfig): NonNullable<SdkConfig['credentials']> {
  const sts = new STSClient(config);
  const assume = async () => {
    const RoleArn = arnOf(role, await sts.config.region());
    const answer = sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: SESSION_NAME }));
    const { Credentials } = await answerOf('AssumeRole', answer, config.profile);
    return {
      accessKeyId: Credentials?.AccessKeyId ?? '',
      secretAccessKey: Credentials?.SecretAccessKey ?? '',
      sessionToken: Credentials?.SessionToken ?? '',
      expiration: Credentials?.Expiration ?? new Date(0),
    };
  };
  return memoize(assume, ({ expiration }) => expiration.getTime() - Date.now() < RENEWED_BEFORE_END_MS);
}

function arnOf({ account, name }: RoleOfAccount, region: string): string {
  const partition = region.startsWith('cn-') ? 'aws-cn' : region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
  return `arn:${partition}:iam::${account}:role/${name}`;
}
