import type { STSClientConfig } from '@aws-sdk/client-sts';
import { StandardRetryStrategy } from '@smithy/core/retry';
import type { AwsConnection } from './aws.ts';

/** What every client of the AWS SDK gets. `credentials`: of an assumed role. */
export type SdkConfig = Pick<
  STSClientConfig,
  'logger' | 'requestHandler' | 'retryStrategy' | 'region' | 'profile' | 'credentials'
>;

/**
 * Without this logger the SDK prints warnings on stderr, for example if both a profile and access
 * keys are set.
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
