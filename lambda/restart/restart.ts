import { DescribeServicesCommand, ECSClient, UpdateServiceCommand } from '@aws-sdk/client-ecs';

/** Milliseconds between two restarts of a service, at least. */
export const MINIMUM_INTERVAL_MS = 60_000;

/**
 * Whether a service must restart after a rotation.
 *
 * - `done`: a deployment began after the rotation, so its tasks read the new value.
 * - `wait`: the last deployment is less than a minute old. Its tasks may have read the old value.
 *
 * All times are milliseconds since the epoch.
 *
 * @param rotatedAt when the last of the rotations moved AWSCURRENT.
 * @param deployedAt when the newest deployment of the service began.
 */
export function decideRestart({
  rotatedAt,
  deployedAt,
  now,
}: Record<'rotatedAt' | 'deployedAt' | 'now', number>): 'done' | 'wait' | 'restart' {
  if (deployedAt > rotatedAt) {
    return 'done';
  }
  return now - deployedAt < MINIMUM_INTERVAL_MS ? 'wait' : 'restart';
}

/** The part of a message of SQS that a restart uses. */
export interface Message {
  readonly messageId: string;
  /** The event of EventBridge, as JSON. */
  readonly body: string;
  readonly attributes: { readonly SentTimestamp: string };
}

export interface Service {
  /** When its newest deployment began, in milliseconds since the epoch. */
  deployedAt(): Promise<number>;
  forceNewDeployment(): Promise<void>;
}

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

/**
 * Makes the handler of a queue with one message group. After a restart, the messages return to the
 * queue for a minute, in which SQS delivers no other message of the group. Then the function reads
 * the deployments again, and only a deployment after the rotation ends the message. So neither a
 * lost answer of ECS nor an old one restarts the service twice in a minute, or never.
 *
 * @returns the messages that SQS delivers again.
 */
export function createRestart({
  service,
  now,
  log,
}: {
  readonly service: Service;
  readonly now: () => number;
  readonly log: (decision: string, details: Readonly<Record<string, unknown>>) => void;
}) {
  return async ({ Records: messages }: { readonly Records: readonly Message[] }) => {
    const rotatedAt = Math.max(...messages.map(rotatedAtOf));
    const deployedAt = await service.deployedAt();
    const decision = decideRestart({ rotatedAt, deployedAt, now: now() });
    log(decision, { rotatedAt: isoDate(rotatedAt), deployedAt: isoDate(deployedAt), messages: messages.length });
    if (decision === 'restart') {
      await service.forceNewDeployment();
    }
    const again = messages.filter((message) => rotatedAtOf(message) >= deployedAt);
    return { batchItemFailures: again.map(({ messageId }) => ({ itemIdentifier: messageId })) };
  };
}

/**
 * An event of another source has no such time, and anybody in the account may send one with a later
 * time. Then the message counts from its arrival.
 */
function rotatedAtOf({ body, attributes }: Message): number {
  const sentAt = Number(attributes.SentTimestamp);
  try {
    const { detail } = JSON.parse(body) as { detail?: { rotatedAt?: string } };
    return Math.min(Date.parse(detail?.rotatedAt ?? '') || sentAt, sentAt);
  } catch {
    return sentAt;
  }
}

function isoDate(time: number): string {
  return new Date(time).toISOString();
}
