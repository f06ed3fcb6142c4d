import { DescribeServicesCommand, ECSClient, UpdateServiceCommand } from '@aws-sdk/client-ecs';
import type { Service } from './restart.ts';

/** A service that ECS deploys. Each method rejects if ECS fails. */
export function ecsService(cluster: string | undefined, service: string): Service {
  // SQS repeats a message after a minute. A retry of the SDK could restart the service twice.
  const ecs = new ECSClient({ maxAttempts: 1 });
  return {
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
  };
}
