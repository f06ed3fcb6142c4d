import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { paginateListSecrets, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { METRIC, METRIC_NAMESPACE } from '../../telemetry/metrics.ts';
import { createOverdueCheck } from './check.ts';
import { asRotated, type RotatedSecret } from './rotated-secret.ts';

const SERVICE = 'zilliz-secret-rotation-overdue';
const GRACE_HOURS = 2;

const logger = new Logger({ serviceName: SERVICE });
const metrics = new Metrics({ namespace: METRIC_NAMESPACE, serviceName: SERVICE });
const client = new SecretsManagerClient({});
const rotationFunction = process.env['ROTATION_FUNCTION_ARN'];
const maxAgeDays = process.env['MAX_AGE_DAYS'] ? Number(process.env['MAX_AGE_DAYS']) : undefined;

/** Lists the secrets that name the rotation function, so that no list of secrets has to be configured here. */
async function* rotatedSecrets(): AsyncGenerator<RotatedSecret> {
  for await (const page of paginateListSecrets({ client }, {})) {
    for (const secret of page.SecretList ?? []) {
      if (secret.RotationLambdaARN === rotationFunction) {
        yield asRotated(secret);
      }
    }
  }
}

export const handler: () => Promise<void> = createOverdueCheck({
  secrets: rotatedSecrets,
  rules: () => ({ now: new Date(), graceHours: GRACE_HOURS, maxAgeDays }),
  report: (overdue, checked) => {
    for (const { name, why, sentence } of overdue) {
      logger.error(sentence, { secret: name, why });
    }
    logger.info(`${checked} secrets checked, ${overdue.length} overdue.`, { checked, overdue: overdue.length });
    metrics.addMetric(METRIC.overdueSecrets, MetricUnit.Count, overdue.length);
    metrics.publishStoredMetrics();
  },
});
