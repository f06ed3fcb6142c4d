import type { AwsConnection } from './aws.ts';

/** What every client of the AWS SDK gets. */
export interface SdkConfig {
  readonly logger: typeof SILENT;
  readonly region?: string;
  readonly profile?: string;
}

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

export function sdkConfig({ region, profile }: AwsConnection): SdkConfig {
  return {
    logger: SILENT,
    ...(region === undefined ? {} : { region }),
    ...(profile === undefined ? {} : { profile }),
  };
}
