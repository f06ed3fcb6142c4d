import { describe, expect, it } from 'vitest';
import { REMEMBERED_FOR_MS, WorkerMemory } from '../../lambda/worker-memory.ts';
import { runStep } from '../../protocol/rotation/rotation.ts';
import type { RotationRequest } from '../../protocol/rotation/rotation-request.ts';
import { STEPS, type Step } from '../../protocol/rotation/rotation-request.ts';
import { AWSCURRENT, AWSPENDING, sentLabel } from '../../protocol/secret/versions.ts';
import { interceptCalls } from '../faults/port-calls.ts';
import { document, FIRST_PASSWORD, RotationWorld, USER } from '../support/rotation-world.ts';

/** A secret and the workers that rotate it. Counts the calls that leave a worker. */
class WorkerWorld extends RotationWorld {
  calls: string[] = [];
  memory: WorkerMemory = new WorkerMemory(() => this.now);

  /** Runs a step in the worker. @returns its calls, in order. */
  async run(step: Step, token: string, request: Partial<RotationRequest> = {}): Promise<string[]> {
    this.calls = [];
    const ports = interceptCalls(this.ports(), async ({ name }, perform) => {
      this.calls.push(name);
      return await perform();
    });
    const whole = { step, token, secretId: this.secret.arn, rotationToken: undefined, ...request };
    await this.memory.duringStep(whole, ports.store, (store) => runStep(whole, { ...ports, store }));
    return this.calls;
  }

  /** Starts a rotation and runs the steps before this one, in the worker. */
  override async runBefore(step: Step, token = 't1'): Promise<this> {
    this.secret.startRotation(token);
    for (const earlier of STEPS.slice(0, STEPS.indexOf(step))) {
      await this.run(earlier, token);
    }
    return this;
  }
}

/**
 * A secret that was rotated before, so that finishSecret also removes the older sent label.
 *
 * @param step The worker has run the steps before this one. Default: no rotation has started.
 */
async function rotatedBefore(step?: Step): Promise<WorkerWorld> {
  const world = await new WorkerWorld().rotate('t0');
  return step === undefined ? world : await world.runBefore(step);
}

const READ_PAIR = ['DescribeSecret', 'GetSecretValue', 'GetSecretValue'];
const CHANGE = ['describeUser', 'describeUser', 'updatePassword', 'describeUser'];
const THREE_LOGINS = ['describeUser', 'describeUser', 'describeUser'];
const CREATE = ['DescribeSecret', 'GetSecretValue', 'PutSecretValue'];
const PROMOTE = ['UpdateSecretVersionStage', 'UpdateSecretVersionStage'];

/** docs/decisions/protocol.md#calls-of-a-rotation adds the call that reads the pins. */
describe('a rotation', () => {
  it('makes 6 calls to Secrets Manager and 11 requests to the cluster in one worker', async () => {
    const world = await rotatedBefore();
    world.secret.startRotation('t1');
    expect(await world.run('createSecret', 't1')).toEqual(CREATE);
    expect(await world.run('setSecret', 't1')).toEqual(['DescribeSecret', ...CHANGE]);
    expect(await world.run('testSecret', 't1')).toEqual([...THREE_LOGINS, 'describeUser']);
    expect(await world.run('finishSecret', 't1')).toEqual([...THREE_LOGINS, ...PROMOTE]);
    expect(world.secret.holder(AWSCURRENT)).toBe('t1');
  });

  it('makes 14 calls to Secrets Manager if each step has a worker of its own', async () => {
    const world = await rotatedBefore();
    world.secret.startRotation('t1');
    const calls: string[][] = [];
    for (const step of STEPS) {
      world.memory = new WorkerMemory(() => world.now);
      calls.push(await world.run(step, 't1'));
    }
    expect(calls).toEqual([
      CREATE,
      [...READ_PAIR, ...CHANGE],
      [...READ_PAIR, ...THREE_LOGINS, 'describeUser'],
      [...READ_PAIR, ...THREE_LOGINS, ...PROMOTE],
    ]);
  });
});

describe('a worker forgets what it has learnt', () => {
  it('at the first step of another rotation', async () => {
    const world = await rotatedBefore('testSecret');
    world.secret.removePendingByHand();
    world.secret.startRotation('t2');
    await world.secret.put({ versionId: 't2', value: document('Next-1'), labels: [AWSPENDING, sentLabel('t2')] });
    expect((await world.run('setSecret', 't2')).slice(0, 3)).toEqual(READ_PAIR);
  });

  it('at the first step of another secret with an equal token', async () => {
    const world = await rotatedBefore('testSecret');
    const other = new WorkerWorld(undefined, world.cluster, 'zilliz/other');
    await other.secret.put({ versionId: 't1', value: document(FIRST_PASSWORD), labels: [AWSPENDING] });
    other.memory = world.memory;
    world.cluster.setByHand(USER, FIRST_PASSWORD);
    expect(await other.run('testSecret', 't1')).toEqual([...READ_PAIR, 'describeUser', 'describeUser']);
  });

  it('at createSecret, which begins another attempt', async () => {
    const world = await rotatedBefore('testSecret');
    expect(await world.run('createSecret', 't1')).toEqual(READ_PAIR);
  });

  it('after finishSecret', async () => {
    const world = await rotatedBefore('finishSecret');
    await world.run('finishSecret', 't1');
    expect(await world.run('finishSecret', 't1')).toEqual([
      'DescribeSecret',
      'GetSecretValue',
      'describeUser',
      'describeUser',
    ]);
  });

  it('after an error', async () => {
    const world = await rotatedBefore('setSecret');
    world.cluster.reachable = false;
    await expect(world.run('setSecret', 't1')).rejects.toThrow('CLUSTER_UNREACHABLE');
    world.cluster.reachable = true;
    expect((await world.run('setSecret', 't1')).slice(0, 3)).toEqual(READ_PAIR);
  });

  it.each([
    ['a minute without a step', REMEMBERED_FOR_MS + 1],
    ['a clock that ran backwards', -1],
  ])('after %s', async (_, elapsedMs) => {
    const world = await rotatedBefore('testSecret');
    world.now += elapsedMs;
    expect((await world.run('testSecret', 't1')).slice(0, 3)).toEqual(READ_PAIR);
  });

  it('if the event names the secret by its name, which another secret can have later', async () => {
    const world = await rotatedBefore();
    const request = { secretId: world.secret.name };
    await world.runBefore('setSecret');
    await world.run('setSecret', 't1', request);
    expect((await world.run('testSecret', 't1', request)).slice(0, 3)).toEqual(READ_PAIR);
  });
});

describe('a worker remembers', () => {
  it('no label: a label that setSecret adds reaches Secrets Manager', async () => {
    const world = await rotatedBefore();
    await world.secret.put({ versionId: 'by-hand', value: document('By-hand-1'), labels: [AWSPENDING] });
    await world.run('setSecret', 'by-hand');
    expect(world.secret.labelsOf('by-hand')).toContain(sentLabel('by-hand'));
  });

  it('for a minute, also while Lambda freezes the worker', async () => {
    const world = await rotatedBefore();
    world.now = 10 * REMEMBERED_FOR_MS;
    await world.runBefore('testSecret');
    world.now += REMEMBERED_FOR_MS;
    expect(await world.run('testSecret', 't1')).toEqual([...THREE_LOGINS, 'describeUser']);
  });

  it('the labels from setSecret on, and only for the step that follows', async () => {
    const world = await rotatedBefore('finishSecret');
    expect((await world.run('testSecret', 't1'))[0]).toBe('DescribeSecret');
    expect((await world.run('setSecret', 't1'))[0]).toBe('DescribeSecret');
    expect((await world.run('setSecret', 't1'))[0]).toBe('DescribeSecret');
    expect((await world.run('finishSecret', 't1'))[0]).toBe('DescribeSecret');
  });

  it('no labels after a compare-and-swap has failed', async () => {
    const world = await rotatedBefore('finishSecret');
    await world.secret.put({ versionId: 'edited', value: document(FIRST_PASSWORD), labels: [AWSCURRENT] });
    await expect(world.run('finishSecret', 't1')).rejects.toThrow('CURRENT_MOVED');
    expect(world.calls.slice(-2)).toEqual(['UpdateSecretVersionStage', 'DescribeSecret']);
  });

  it('no version without a value, because the value may appear later', async () => {
    const world = await rotatedBefore();
    world.secret.startRotation('t1');
    const { read } = world.secret;
    world.secret.read = (versionId) =>
      versionId === 't1' ? Promise.resolve(undefined) : read.call(world.secret, versionId);
    await expect(world.run('setSecret', 't1')).rejects.toThrow('PENDING_MISSING');
    // One read of AWSCURRENT, and five reads of AWSPENDING.
    expect(world.calls.filter((call) => call === 'GetSecretValue')).toHaveLength(6);
  });

  it('no value that another invocation of createSecret has stored first', async () => {
    const world = await rotatedBefore();
    world.secret.startRotation('t1');
    const { describe: describeSecret } = world.secret;
    world.secret.describe = async () => {
      const description = await describeSecret.call(world.secret);
      await world.secret.put({ versionId: 't1', value: document('Faster-1'), labels: [AWSPENDING, sentLabel('t1')] });
      return description;
    };
    expect(await world.run('createSecret', 't1')).toEqual([...CREATE, 'GetSecretValue']);
    world.secret.describe = describeSecret;
    await world.run('setSecret', 't1');
    expect(world.cluster.passwordOf(USER)).toBe('Faster-1');
  });
});
