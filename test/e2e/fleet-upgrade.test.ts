import { beforeEach, describe, expect, it } from 'vitest';
import { untilRotation } from '../../local/cloud/emulator-control.ts';
import { partOf } from '../../protocol/secret/pins.ts';
import { AWSCURRENT } from '../../protocol/secret/versions.ts';
import { packAll } from '../packages/support/packed.ts';
import { labelsOf, newUserWithSecret, rotateToItsEnd, setRetries } from '../support/deployed-rotation.ts';
import { DeployedStack } from '../support/deployed-stack.ts';
import { entriesWith } from '../support/function-log.ts';
import { servers } from '../support/servers.ts';
import { install, newPackageApp, PREVIOUS } from './support/package-app.ts';

const STACKS = 2;

type Pinned = Readonly<Record<'name' | 'endpoint' | 'username', string>>;

/** One secret for each stack of a fleet, in the order of the stacks. */
let entries: Pinned[];

beforeEach(async () => {
  entries = await Promise.all(Array.from({ length: STACKS }, (_, part) => newEntry(part)));
});

async function newEntry(part: number): Promise<Pinned> {
  const { user, secret } = await newUserWithSecret('tls');
  return partOf(secret, STACKS, 'stack') === part
    ? { name: secret, endpoint: user.endpoint.url, username: user.username }
    : await newEntry(part);
}

/** Rotates each secret once. @returns why each of those that did not rotate has failed */
async function refusedOf(secrets: readonly Pinned[]): Promise<string[]> {
  const refused = secrets.map(async ({ name }) => {
    const token = await rotateToItsEnd(name);
    const { history } = await untilRotation(servers().access, name);
    return (await labelsOf(name))[AWSCURRENT] === token ? [] : [`${name}: ${JSON.stringify(history.at(-1))}`];
  });
  return (await Promise.all(refused)).flat();
}

// The function of a fleet refuses a secret without its pin, so a rotation also proves the pin.
describe('an upgrade of a fleet refuses no rotation', () => {
  it('from the previous version, while all secrets rotate continually', async () => {
    const app = newPackageApp();
    const stack = new DeployedStack([], { function: { secretNamePrefix: 'zilliz/' } }, app);
    stack.stacks = STACKS;
    // The previous version pins no secret of a fleet.
    stack.entries = entries.map(({ name }) => ({ name }));
    await install(PREVIOUS, app);
    await stack.deploy();
    // The emulator ends a step that runs while the function is updated. Lambda does not.
    await Promise.all(entries.map(({ name }) => setRetries(name, 1)));

    await install((await packAll()).constructs, app);
    stack.entries = entries;
    const refused: string[] = [];
    let rounds = 0;
    let isDeployed = false;
    const rotating = (async () => {
      while (!isDeployed && refused.length === 0) {
        refused.push(...(await refusedOf(entries)));
        rounds += 1;
      }
    })();
    await stack.deploy().finally(() => {
      isDeployed = true;
    });
    await rotating;
    expect(refused).toEqual([]);
    expect(entriesWith(await stack.logLines(), '"ERROR"')).toEqual([]);
    expect(rounds).toBeGreaterThan(STACKS);
    expect(await refusedOf(entries)).toEqual([]);
  });

  it('from one stack to several, after the deployment of each stack', async () => {
    const stack = new DeployedStack(entries, { function: { secretNamePrefix: 'zilliz/' } });
    await stack.deploy();
    await Promise.all(entries.map(({ name }) => setRetries(name, 0)));
    stack.stacks = STACKS;
    const others = entries.map((_, part) => `${stack.name}-secrets-${part}`);
    for (const one of [`${stack.name}-pins-0`, stack.name, ...others]) {
      await stack.deployOnly(one);
      expect(await refusedOf(entries), one).toEqual([]);
    }
  });
});
