import { RetentionDays } from 'aws-cdk-lib/aws-logs';

/** The periods that CloudWatch Logs knows, in days, without "for ever". */
export const LOG_RETENTION_DAYS: readonly number[] = Object.values(RetentionDays).filter(
  (days): days is RetentionDays => typeof days === 'number' && days !== RetentionDays.INFINITE,
);
