import { describe, expect, it } from 'vitest';
import type { Login } from '../../../protocol/cluster/cluster.ts';
import { parseEndpoint } from '../../../protocol/cluster/endpoint.ts';
import { canLogIn, requireTimeFor } from '../../../protocol/rotation/can-log-in.ts';
import { ENDPOINT, FIRST_PASSWORD, RotationWorld, USER } from '../../support/rotation-world.ts';

const credentials = {
  endpoint: parseEndpoint(ENDPOINT, { allowed: ['127.0.0.1'], allowPlaintext: false }),
  username: USER,
  password: FIRST_PASSWORD,
};

/** Ports of an invocation with this remaining time. Every login gets this answer. */
function portsWith(milliseconds: number, login: () => Login = () => ({ kind: 'rejected' })) {
  const world = new RotationWorld();
  world.timeout = milliseconds;
  let logins = 0;
  const authenticates = () => {
    logins += 1;
    return Promise.resolve(login());
  };
  return { world, ports: world.portsWith({ cluster: { authenticates } }), logins: () => logins };
}

describe('the remaining time', () => {
  it('must be enough for every request and one second for the answer', () => {
    expect(() => requireTimeFor(3, portsWith(16_000).ports, 'current')).not.toThrow();
    expect(() => requireTimeFor(3, portsWith(15_999.5).ports, 'current')).toThrow(
      /^NOT_ENOUGH_TIME: 15999 ms .* 16000 ms/,
    );
  });

  it('is checked before a login', async () => {
    const { ports, logins } = portsWith(5999);
    await expect(canLogIn(ports, credentials)).rejects.toMatchObject({
      code: 'NOT_ENOUGH_TIME',
      accepted: 'not known',
    });
    expect(logins()).toBe(0);
  });
});

describe('a login with the answer forbidden', () => {
  it('fails the step, because the answer says nothing about the password', async () => {
    const { ports } = portsWith(60_000, () => ({ kind: 'forbidden' }));
    await expect(canLogIn(ports, credentials)).rejects.toMatchObject({
      code: 'CLUSTER_FORBIDS',
      accepted: 'not known',
    });
  });
});

describe('a login with a password that may just have been set', () => {
  const triesIn = (world: RotationWorld) =>
    world.story.map((progress) => (progress.event === 'login-awaited' ? progress.tries : progress));

  it('repeats the login at growing intervals until propagationMs has passed', async () => {
    const { world, ports, logins } = portsWith(60_000);
    expect(await canLogIn(ports, credentials, 'until accepted')).toBe(false);
    // 100 + 200 + 400 + 800 + 1600 ms, then 2000 ms while the sum stays below 10 s.
    expect(world.now).toBe(9100);
    expect(triesIn(world)).toEqual([1, 2, 3, 4, 5, 6, 7, 8].slice(0, logins() - 1));
    expect(logins()).toBe(9);
  });

  it('still logs in exactly at the end of propagationMs', async () => {
    const { world, ports, logins } = portsWith(60_000);
    expect(
      await canLogIn({ ...ports, config: { ...ports.config, propagationMs: 100 } }, credentials, 'until accepted'),
    ).toBe(false);
    expect(logins()).toBe(2);
    expect(world.now).toBe(100);
  });

  it('stops if the remaining time is too short for another login', async () => {
    for (const [milliseconds, times] of [
      [6099, 1],
      [6100, 2],
      [6300, 3],
    ] as const) {
      const { ports, logins } = portsWith(milliseconds);
      expect(await canLogIn(ports, credentials, 'until accepted')).toBe(false);
      expect(logins()).toBe(times);
    }
  });
});
