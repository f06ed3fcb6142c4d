import { describe, expect, it } from 'vitest';
import { untilRotation } from '../../local/cloud/emulator-control.ts';
import { partOf } from '../../protocol/secret/pins.ts';
import { AWSCURRENT } from '../../protocol/secret/versions.ts';
import { packAll } from '../packages/support/packed.ts';
import {
  labelsOf,
  newUserWithSecret,
  rotateToItsEnd,
  rotationSettles,
  setRetries,
} from '../support/deployed-rotation.ts';
import { DeployedStack } from '../support/deployed-stack.ts';
import { servers } from '../support/servers.ts';
import { install, newPackageApp, PREVIOUS } from './support/package-app.ts';

const STACKS = 2;

type Pinned = Readonly<Record<'name' | 'endpoint' | 'username', string>>;

async function newEntry(part: number): Promise<Pinned> {
  const { user, secret } = await newUserWithSecret('tls');
  return partOf(secret, STACKS, 'stack') === part
    ? { name: secret, endpoint: user.endpoint.url, username: user.username }
    : await newEntry(part);
}

/** Rotates each secret once. @returns why each of those that did not rotate has failed */
async function refusedOf(secrets: readonly Pinned[]): Promise<string[]> {
  const refused = secrets.map(async ({ name }) => {
    // While Secrets Manager tests a new schedule, it refuses a rotation.
    await rotationSettles(name);
    const token = await rotateToItsEnd(name);
    const { history } = await untilRotation(servers().access, name);
    return (await labelsOf(name))[AWSCURRENT] === token ? [] : [`${name}: ${history.at(-1)?.reason}`];
  });
  return (await Promise.all(refused)).flat();
}

// The function of a fleet refuses a secret without its pin, so a rotation also proves the pin.
describe('an upgrade to a fleet refuses no rotation after the deployment of any stack', () => {
  it.each([
    ['the previous version, which pins no secret of a fleet', PREVIOUS, STACKS],
    ['one stack of this version', undefined, undefined],
  ])('from %s', async (_, previous, stacks) => {
    const app = newPackageApp();
    const { constructs } = await packAll();
    const entries = await Promise.all(Array.from({ length: STACKS }, (_one, part) => newEntry(part)));
    const pinned = previous === undefined;
    const stack = new DeployedStack(
      entries.map(({ name, ...pins }) => ({ name, ...(pinned && pins) })),
      { function: { secretNamePrefix: 'zilliz/' } },
      app,
    );
    stack.stacks = stacks;
    await install(previous ?? constructs, app);
    await stack.deploy();
    await Promise.all(entries.map(({ name }) => setRetries(name, 0)));

    await install(constructs, app);
    stack.entries = entries;
    stack.stacks = STACKS;
    // test/infra/fleet.test.ts proves that the CDK chooses this order.
    for (const one of ['-pins-0', '', '-secrets-0', '-secrets-1'].map((end) => `${stack.name}${end}`)) {
      await stack.deployOnly(one);
      expect(await refusedOf(entries), one).toEqual([]);
    }
  });
});
