import { Logger } from '@aws-lambda-powertools/logger';
import { DescribeServicesCommand, ECSClient, UpdateServiceCommand } from '@aws-sdk/client-ecs';
import { createRestart } from './restart.ts';

const cluster = process.env['CLUSTER_ARN'];
const service = process.env['SERVICE_ARN'] ?? '';
const ecs = new ECSClient({});
const logger = new Logger({ serviceName: 'zilliz-secret-rotation-restart' });

export const handler: ReturnType<typeof createRestart> = createRestart({
  service: {
    deployedAt: async () => {
      const { services: [found] = [] } = await ecs.send(new DescribeServicesCommand({ cluster, services: [service] }));
      const times = (found?.deployments ?? []).map(({ createdAt }) => createdAt?.getTime() ?? 0);
      if (times.length === 0) {
        throw new Error(`${service} does not exist, or has no deployment.`);
      }
      return Math.max(...times);
    },
    forceNewDeployment: async () => {
      await ecs.send(new UpdateServiceCommand({ cluster, service, forceNewDeployment: true }));
    },
  },
  now: () => Date.now(),
  log: (decision, details) => logger.info(`${service}: ${decision}`, details),
});
