import { AssumeRoleCommand, STSClient, type STSClientConfig } from '@aws-sdk/client-sts';
import { memoize } from '@smithy/core/config';
import { StandardRetryStrategy } from '@smithy/core/retry';
import type { AwsConnection, RoleOfAccount } from './aws.ts';
import { answerOf } from './aws-error.ts';

/** What every client of the AWS SDK gets. `credentials`: of an assumed role. */
export type SdkConfig = Pick<
  STSClientConfig,
  'logger' | 'requestHandler' | 'retryStrategy' | 'region' | 'profile' | 'credentials'
>;

/**
 * Without this logger the SDK prints warnings on stderr, for example if both a profile and access
 * keys are set. The NoOpLogger of the SDK counts as no logger.
 */
const SILENT: Readonly<Record<'debug' | 'info' | 'warn' | 'error', () => void>> = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** Without limits of its own, the SDK waits for minutes for a host that never answers. */
const TIMEOUTS = { connectionTimeout: 5000, requestTimeout: 10_000, throwOnRequestTimeout: true } as const;

const ATTEMPTS = 3;

/** @param interrupted ends the repetitions of a request */
export function sdkConfig({ region, profile }: AwsConnection, interrupted: AbortSignal): SdkConfig {
  return {
    logger: SILENT,
    requestHandler: TIMEOUTS,
    // The option `maxAttempts` is read only once.
    retryStrategy: new StandardRetryStrategy(() => Promise.resolve(interrupted.aborted ? 1 : ATTEMPTS)),
    ...(region === undefined ? {} : { region }),
    ...(profile === undefined ? {} : { profile }),
  };
}

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
