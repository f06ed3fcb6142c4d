import { CloudFormation, waitUntilStackDeleteComplete } from '@aws-sdk/client-cloudformation';
import { describe, expect, it } from 'vitest';
import { partOf } from '../../protocol/secret/pins.ts';
import { AWSCURRENT } from '../../protocol/secret/versions.ts';
import { LOG_FIELD } from '../../telemetry/log-line.ts';
import { newUserWithSecret, secretNamed } from '../support/deployed-rotation.ts';
import { DeployedStack } from '../support/deployed-stack.ts';
import { entriesWith } from '../support/function-log.ts';
import { packAll } from '../support/packed.ts';
import { awsOptions, secretsManager } from '../support/servers.ts';
import { install, newPackageApp, PREVIOUS } from './support/package-app.ts';

const STACKS = 2;

type Pinned = Readonly<Record<'name' | 'endpoint' | 'username', string>>;

async function newEntry(isIncluded: (name: string) => boolean): Promise<Pinned> {
  const { user, secret } = await newUserWithSecret('tls');
  return isIncluded(secret.name)
    ? { name: secret.name, endpoint: user.endpoint.url, username: user.username }
    : await newEntry(isIncluded);
}

const inPart =
  (part: number, stacks = STACKS) =>
  (name: string): boolean =>
    partOf(name, stacks, 'stack') === part;

/** Rotates each secret once. @returns why each of those that did not rotate has failed */
async function refusedOf(secrets: readonly Pinned[]): Promise<string[]> {
  const refused = secrets.map(async ({ name }) => {
    // While Secrets Manager tests a new schedule, it refuses a rotation.
    const secret = secretNamed(name);
    await secret.until();
    const token = await secret.rotate();
    const { history } = await secret.until();
    return (await secret.labels())[AWSCURRENT] === token ? [] : [`${name}: ${history.at(-1)?.reason}`];
  });
  return (await Promise.all(refused)).flat();
}

/** The secrets whose rotation is off. */
async function offOf(secrets: readonly Pinned[]): Promise<string[]> {
  const described = await Promise.all(secrets.map(({ name }) => secretsManager().describeSecret({ SecretId: name })));
  return described.flatMap(({ Name = '', RotationEnabled }) => (RotationEnabled === true ? [] : [Name]));
}

// The function of a fleet refuses a secret without its pin, so a rotation also proves the pin.
describe('an upgrade to a fleet refuses no rotation after the deployment of any stack', () => {
  it.each([
    ['the previous version, which pins no secret of a fleet', PREVIOUS, STACKS],
    ['one stack of this version', undefined, undefined],
  ])('from %s', async (_, previous, stacks) => {
    const app = newPackageApp();
    const { constructs } = await packAll();
    const entries = await Promise.all(Array.from({ length: STACKS }, (_one, part) => newEntry(inPart(part))));
    const pinned = previous === undefined;
    const stack = new DeployedStack(
      entries.map(({ name, ...pins }) => ({ name, ...(pinned && pins) })),
      { function: { secretNamePrefix: 'zilliz/' } },
      app,
    );
    stack.stacks = stacks;
    await install(previous ?? constructs, app);
    await stack.deploy();
    await Promise.all(entries.map(({ name }) => secretNamed(name).setRetries(0)));

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

describe('another number of stacks', () => {
  it('keeps each rotation on, also with fewer again, and Secrets Manager repeats one that begins between pins and function', async () => {
    const more = STACKS + 1;
    const moves = (name: string): boolean => inPart(0)(name) && inPart(STACKS, more)(name);
    const stays = (name: string): boolean => inPart(0)(name) && inPart(0, more)(name);
    const [moved, stayed] = [await newEntry(moves), await newEntry(stays)];
    const entries = [moved, stayed];
    const stack = new DeployedStack(entries, { function: { secretNamePrefix: 'zilliz/' } });
    stack.stacks = STACKS;
    await stack.deploy();

    stack.stacks = more;
    const secret = secretNamed(moved.name);
    await secret.setRetries(100, 1);
    await stack.deployOnly(`${stack.name}-pins-0`);
    expect(await offOf(entries)).toEqual([]);
    const token = await secret.rotate();
    const codes = entriesWith(await stack.logLines(), LOG_FIELD.errorCode).map((entry) => entry[LOG_FIELD.errorCode]);
    expect(new Set(codes)).toEqual(new Set(['PINS_UNREADABLE']));

    await stack.deployOnly(stack.name);
    await secret.until();
    expect((await secret.labels())[AWSCURRENT]).toBe(token);
    for (const one of ['-secrets-2', '-secrets-0', '-secrets-1'].map((end) => `${stack.name}${end}`)) {
      await stack.deployOnly(one);
      expect(await offOf(entries), one).toEqual([]);
      expect(await refusedOf(entries), one).toEqual([]);
    }

    stack.stacks = STACKS;
    await stack.deploy();
    const client = new CloudFormation(awsOptions());
    const StackName = `${stack.name}-secrets-${STACKS}`;
    await client.deleteStack({ StackName });
    await waitUntilStackDeleteComplete({ client, maxWaitTime: 60, minDelay: 0.2 }, { StackName });
    expect(await offOf(entries)).toEqual([]);
    expect(await refusedOf(entries)).toEqual([]);
  });
});
