import { describe, expect, it } from 'vitest';
import type { Login } from '../../../cluster/cluster.ts';
import { parseEndpoint } from '../../../cluster/endpoint.ts';
import { canLogIn, canLogInAfterChange, requireTimeFor } from '../../../lambda/rotation/logins.ts';
import type { RotationPorts } from '../../../lambda/rotation/ports.ts';
import { ENDPOINT, FIRST_PASSWORD, RotationWorld, USER } from '../../support/rotation-world.ts';

const credentials = {
  endpoint: parseEndpoint(ENDPOINT, { allowed: ['127.0.0.1'], allowPlaintext: false }),
  username: USER,
  password: FIRST_PASSWORD,
};

/** Ports of an invocation with so many milliseconds left, whose cluster answers as told. */
function portsWith(milliseconds: number, login: () => Login = () => ({ kind: 'rejected' })) {
  const world = new RotationWorld();
  world.timeout = milliseconds;
  let asked = 0;
  const authenticates = () => {
    asked += 1;
    return Promise.resolve(login());
  };
  const ports: RotationPorts = {
    ...world.ports(),
    cluster: Object.create(world.cluster, { authenticates: { value: authenticates } }),
  };
  return { world, ports, asked: () => asked };
}

describe('time', () => {
  it('is enough when it holds every request and a second to answer in', () => {
    expect(() => requireTimeFor(3, portsWith(16_000).ports)).not.toThrow();
    expect(() => requireTimeFor(3, portsWith(15_999.5).ports, 'current')).toThrow(
      'NOT_ENOUGH_TIME: 15999 ms remain of this invocation, and the next action may need 16000 ms.',
    );
  });

  it('is never said to be negative', () => {
    const { world, ports } = portsWith(1000);
    world.now = 5000;
    expect(() => requireTimeFor(1, ports)).toThrow(/: 0 ms remain/);
  });

  it('is asked for before a login, which says what is known to be in force', async () => {
    const { ports, asked } = portsWith(5999);
    await expect(canLogIn(ports, credentials, 'current')).rejects.toMatchObject({
      code: 'NOT_ENOUGH_TIME',
      inForce: 'current',
    });
    await expect(canLogIn(ports, credentials)).rejects.toMatchObject({ inForce: 'not known' });
    expect(asked()).toBe(0);
  });
});

describe('a login that the cluster will not judge', () => {
  it('is neither a yes nor a no', async () => {
    const { ports } = portsWith(60_000, () => ({ kind: 'forbidden' }));
    await expect(canLogIn(ports, credentials, 'previous')).rejects.toMatchObject({
      code: 'CLUSTER_FORBIDS',
      inForce: 'previous',
      message: `CLUSTER_FORBIDS: http://127.0.0.1:19530 answers PERMISSION_DENIED to a login of ${USER}, which says nothing about the password.`,
    });
  });
});

describe('waiting for a new password', () => {
  const awaited = (world: RotationWorld) =>
    world.story.map((news) => (news.event === 'login-awaited' ? news.tries : news));

  it('asks again at growing intervals until propagation is over', async () => {
    const { world, ports, asked } = portsWith(60_000);
    expect(await canLogInAfterChange(ports, credentials)).toBe(false);
    // 100, 200, 400, 800, 1600, and then 2000 for as long as 10 s hold another.
    expect(world.now).toBe(9100);
    expect(awaited(world)).toEqual([1, 2, 3, 4, 5, 6, 7, 8].slice(0, asked() - 1));
    expect(asked()).toBe(9);
  });

  it('asks once more when that falls just on the end of the propagation', async () => {
    const { world, ports, asked } = portsWith(60_000);
    expect(
      await canLogInAfterChange({ ...ports, settings: { ...ports.settings, propagationMs: 100 } }, credentials),
    ).toBe(false);
    expect(asked()).toBe(2);
    expect(world.now).toBe(100);
  });

  it('stops when there is no time left to ask again', async () => {
    for (const [milliseconds, times] of [
      [6099, 1],
      [6100, 2],
      [6300, 3],
    ] as const) {
      const { ports, asked } = portsWith(milliseconds);
      expect(await canLogInAfterChange(ports, credentials)).toBe(false);
      expect(asked()).toBe(times);
    }
  });

  it('counts from where the clock stands', async () => {
    const { world, ports, asked } = portsWith(60_000);
    world.now = 50;
    expect(
      await canLogInAfterChange({ ...ports, settings: { ...ports.settings, propagationMs: 99 } }, credentials),
    ).toBe(false);
    expect(asked()).toBe(1);
  });
});
