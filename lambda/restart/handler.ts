import { Logger } from '@aws-lambda-powertools/logger';
import { createRestart, ecsService } from './restart.ts';

const service = process.env['SERVICE_ARN'] ?? '';
const logger = new Logger({ serviceName: 'zilliz-secret-rotation-restart' });

export const handler: ReturnType<typeof createRestart> = createRestart({
  service: ecsService(process.env['CLUSTER_ARN'], service),
  now: () => Date.now(),
  log: (decision, details) => logger.info(`${service}: ${decision}`, details),
});
