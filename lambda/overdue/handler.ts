import { setTimeout as wait } from 'node:timers/promises';
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import {
  paginateListSecrets,
  paginateListSecretVersionIds,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { parseRotatedSecrets, ROTATED_SECRETS } from '../../protocol/secret/rotated-secrets.ts';
import { METRIC, METRIC_NAMESPACE } from '../../telemetry/metrics.ts';
import { createOverdueCheck } from './check.ts';
import { asListed, type ListedSecret } from './listed-secret.ts';
import { readMaxAgeDays } from './overdue.ts';

const SERVICE = 'zilliz-secret-rotation-overdue';

const logger = new Logger({ serviceName: SERVICE });
const metrics = new Metrics({
  namespace: METRIC_NAMESPACE,
  // The name of the function separates the metrics of two checks.
  serviceName: process.env['AWS_LAMBDA_FUNCTION_NAME'] ?? SERVICE,
});
const client = new SecretsManagerClient({});
const maxAgeDays = readMaxAgeDays(process.env['MAX_AGE_DAYS']);

async function* listedSecrets(): AsyncGenerator<ListedSecret> {
  for await (const page of paginateListSecrets({ client }, {})) {
    yield* (page.SecretList ?? []).map(asListed);
  }
}

async function readVersionDate(SecretId: string, versionId: string): Promise<Date | undefined> {
  for await (const { Versions = [] } of paginateListSecretVersionIds({ client }, { SecretId })) {
    const version = Versions.find(({ VersionId }) => VersionId === versionId);
    if (version !== undefined) {
      return version.CreatedDate;
    }
  }
  return undefined;
}

export const handler: () => Promise<void> = createOverdueCheck({
  secrets: listedSecrets,
  functionArn: process.env['ROTATION_FUNCTION_ARN'] ?? '',
  patterns: parseRotatedSecrets(process.env[ROTATED_SECRETS] ?? ''),
  readVersionDate,
  wait: (milliseconds) => wait(milliseconds),
  rules: () => ({ now: new Date(), maxAgeDays }),
  report: ({ reported, checked, unchecked }) => {
    for (const { name, why, sentence } of reported) {
      logger.error(sentence, { secret: name, why });
    }
    if (unchecked.length > 0) {
      logger.info('Secrets of other accounts are not checked, because ListSecrets lists one account only.', {
        unchecked,
      });
    }
    logger.info(`${checked} secrets checked, ${reported.length} overdue.`, { checked, overdue: reported.length });
    metrics.addMetric(METRIC.overdueSecrets, MetricUnit.Count, reported.length);
    metrics.publishStoredMetrics();
  },
});
