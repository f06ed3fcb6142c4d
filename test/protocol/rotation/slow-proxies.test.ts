import { describe, expect, it } from 'vitest';
import { RotationWorld } from '../../support/rotation-world.ts';

type Proxy = 'up to date' | 'late';

/**
 * Runs the step while logins reach the proxies in this order. The last proxy of the route gets all
 * further logins.
 */
async function runBehind(step: 'testSecret' | 'finishSecret', route: readonly Proxy[]): Promise<RotationWorld> {
  const world = await new RotationWorld().runBefore(step);
  world.cluster.received.length = 0;
  let login = 0;
  world.useProxies([0, 4000], () => (route[Math.min(login++, route.length - 1)] === 'late' ? 1 : 0));
  await world.step(step, 't1');
  return world;
}

function loginsWithNewPassword({ cluster }: RotationWorld): number {
  return cluster.received.filter(({ password }) => password === 'Generated-password-1').length;
}

describe.each(['testSecret', 'finishSecret'] as const)('%s behind several proxies', (step) => {
  it('needs three logins in a row if none is rejected', async () => {
    const world = await runBehind(step, ['up to date']);
    expect(loginsWithNewPassword(world)).toBe(3);
    expect(world.now).toBe(0);
  });

  it('waits for a late proxy, and then needs eight logins in a row', async () => {
    const world = await runBehind(step, ['up to date', 'up to date', 'late']);
    // Two accepted logins, six rejected ones until 4 s have passed, eight accepted ones.
    expect(loginsWithNewPassword(world)).toBe(2 + 6 + 8);
    expect(world.now).toBe(5100);
  });

  it('counts the accepted logins from zero after each rejection', async () => {
    const seven = Array<Proxy>(7).fill('up to date');
    const world = await runBehind(step, ['late', ...seven, 'late', 'up to date']);
    expect(loginsWithNewPassword(world)).toBe(1 + 7 + 1 + 8);
    expect(world.now).toBe(300);
  });
});
