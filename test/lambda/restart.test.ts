import { describe, expect, it, vi } from 'vitest';
import {
  createRestart,
  decideRestart,
  ecsService,
  type Message,
  MINIMUM_INTERVAL_MS,
} from '../../lambda/restart/restart.ts';
import { type RestAnswer, restServer } from '../adapters/support/rest-server.ts';

const MINUTE = 60_000;
const NOON = Date.UTC(2026, 0, 31, 12);

describe('the decision to restart', () => {
  it.each([
    ['restart', 'the last deployment is from yesterday', { deployedAt: -1440 * MINUTE, rotatedAt: 0, now: 500 }],
    ['restart', 'the last deployment is a minute old', { deployedAt: -MINUTE, rotatedAt: -1000, now: 0 }],
    ['wait', 'a restart began 10 s before the rotation', { deployedAt: -10_000, rotatedAt: 0, now: 500 }],
    ['wait', 'a restart and the rotation are of the same millisecond', { deployedAt: 0, rotatedAt: 0, now: 500 }],
    ['restart', 'the minute after that restart has passed', { deployedAt: -10_000, rotatedAt: 0, now: 50_000 }],
    ['done', 'a deployment began after the rotation', { deployedAt: 300, rotatedAt: 0, now: 500 }],
    ['done', 'an old event arrives late, after a deployment', { deployedAt: 1, rotatedAt: 0, now: 1440 * MINUTE }],
  ] as const)('is %s if %s', (decision, _, { deployedAt, rotatedAt, now }) => {
    const question = { deployedAt: NOON + deployedAt, rotatedAt: NOON + rotatedAt, now: NOON + now };
    expect(decideRestart(question)).toBe(decision);
  });
});

/** ECS and a queue with one message group, whose clock advances by hand. */
class World {
  now = NOON;
  deployments = [NOON - 1440 * MINUTE];
  queue: Array<{ readonly message: Message; visibleAt: number }> = [];
  readonly decisions: string[] = [];
  readonly deliveries = new Map<string, number>();
  #messages = 0;
  /** How many deployments ECS does not show yet. */
  hidden = 0;
  fails = false;
  readonly handler = createRestart({
    service: {
      deployedAt: async () => {
        if (this.fails) {
          throw new Error('ECS does not answer');
        }
        return this.deployments.at(-1 - this.hidden) ?? 0;
      },
      forceNewDeployment: async () => void this.deployments.push(this.now),
    },
    now: () => this.now,
    log: (decision) => this.decisions.push(decision),
  });

  rotate(rotatedAt = this.now): void {
    this.add({ detail: { rotatedAt: new Date(rotatedAt).toISOString() } });
  }

  add(body: unknown): void {
    const messageId = String(++this.#messages);
    const attributes = { SentTimestamp: String(this.now + 200) };
    this.queue.push({ message: { messageId, body: JSON.stringify(body), attributes }, visibleAt: 0 });
  }

  /** Delivers what a queue with one message group delivers now. */
  async deliver(): Promise<void> {
    if (this.queue.length === 0 || this.queue.some(({ visibleAt }) => visibleAt > this.now)) {
      return;
    }
    const batch = [...this.queue];
    for (const entry of batch) {
      const { messageId } = entry.message;
      entry.visibleAt = this.now + MINUTE;
      this.deliveries.set(messageId, (this.deliveries.get(messageId) ?? 0) + 1);
    }
    const { batchItemFailures } = await this.handler({ Records: batch.map(({ message }) => message) });
    const failed = batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
    this.queue = this.queue.filter((entry) => !batch.includes(entry) || failed.includes(entry.message.messageId));
  }

  /** Lets time pass, with a delivery each second. */
  async run(seconds: number): Promise<void> {
    for (let second = 0; second < seconds; second++) {
      await this.deliver();
      this.now += 1000;
    }
  }

  get restarts(): readonly number[] {
    return this.deployments.slice(1).map((at) => at - NOON);
  }
}

describe('the restarts of a service', () => {
  it('are one for two rotations of the same second, one message after the other', async () => {
    const world = new World();
    world.rotate(NOON - 2);
    await world.deliver();
    world.rotate(NOON - 1);
    await world.run(180);
    expect({ restarts: world.restarts, left: world.queue.length }).toEqual({ restarts: [0], left: 0 });
  });

  it('are two for a rotation 10 s after a restart began, the second after the minute', async () => {
    const world = new World();
    world.rotate(NOON - 1);
    await world.run(10);
    world.rotate();
    await world.run(180);
    expect({ restarts: world.restarts, left: world.queue.length }).toEqual({ restarts: [0, MINUTE], left: 0 });
  });

  it('are at most one a minute if rotations come every second', async () => {
    const world = new World();
    for (let second = 0; second < 900; second++) {
      world.rotate();
      await world.run(1);
    }
    await world.run(180);
    const gaps = world.restarts.slice(1).map((at, index) => at - (world.restarts[index] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(MINIMUM_INTERVAL_MS);
    expect(world.restarts.length).toBeGreaterThan(3);
    // SQS moves a message to the dead letters after ten deliveries.
    expect(Math.max(...world.deliveries.values())).toBeLessThanOrEqual(3);
    expect(world.queue).toEqual([]);
  });

  it('are not repeated while ECS shows the new deployment late', async () => {
    const world = new World();
    world.rotate(NOON - 1);
    world.hidden = 1;
    world.deployments.unshift(NOON - 2880 * MINUTE);
    await world.run(30);
    world.hidden = 0;
    world.rotate(NOON - 1);
    await world.run(180);
    expect(world.deployments.slice(2).map((at) => at - NOON)).toEqual([0]);
  });

  it('are no more for an event whose time is in the future, which somebody has forged', async () => {
    const world = new World();
    world.rotate(NOON + 9_999_999 * MINUTE);
    await world.run(600);
    expect({ restarts: world.restarts.length, left: world.queue.length }).toEqual({ restarts: 2, left: 0 });
  });

  it.each([{ detail: { additionalEventData: {} } }, 'no event', null])(
    'follow the arrival of a message without the time of a rotation: %j',
    async (body) => {
      const world = new World();
      world.add(body);
      await world.run(61);
      // The deployment began before the time of the message, so another one follows.
      expect(world.restarts).toEqual([0, MINUTE]);
    },
  );

  it('fail the delivery if ECS fails, so that SQS repeats it and then moves it to the dead letters', async () => {
    const world = new World();
    world.rotate();
    world.fails = true;
    await expect(world.deliver()).rejects.toThrow('ECS does not answer');
    expect(world.queue).toHaveLength(1);
  });
});

describe('the service in ECS', () => {
  async function startEcs(answer: RestAnswer) {
    const { endpoint, calls } = await restServer(() => answer);
    vi.stubEnv('AWS_REGION', 'us-west-2');
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'none');
    vi.stubEnv('AWS_ENDPOINT_URL_ECS', endpoint.url);
    return { service: ecsService('shop', 'orders'), calls };
  }

  it('is restarted by one request, because ECS may have begun a restart although its answer is an error', async () => {
    const { service, calls } = await startEcs({ status: 500, body: {} });
    await expect(service.forceNewDeployment()).rejects.toThrow();
    expect(calls).toHaveLength(1);
  });

  it.each<[string, RestAnswer]>([
    ['does not exist', { status: 200, body: { services: [], failures: [{ reason: 'MISSING' }] } }],
    ['has no deployment', { status: 200, body: { services: [{ status: 'INACTIVE', deployments: [] }] } }],
    ['has another cluster', { status: 400, body: { __type: 'ClusterNotFoundException' } }],
  ])('fails the delivery if it %s', async (_title, answer) => {
    const { service } = await startEcs(answer);
    await expect(service.deployedAt()).rejects.toThrow();
  });
});
