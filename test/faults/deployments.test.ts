import { describe, expect, it } from 'vitest';
import { STEPS } from '../../protocol/rotation/rotation-request.ts';
import { USER_STRATEGY_NAMES } from '../../protocol/secret/rotated-secrets.ts';
import { AWSCURRENT, AWSPENDING, sentLabel } from '../../protocol/secret/versions.ts';
import { document, ENDPOINT, SECOND_USER, SECOND_USERS_PASSWORD, USER } from '../support/rotation-world.ts';
import { FaultWorld } from './fault-world.ts';
import { casesOf, faultsOf, rotateToCompletion } from './scenarios.ts';

const THIRD_USER = 'app_reader_3';

/** What a deployment may change between two steps of a rotation. */
const DEPLOYMENTS = {
  'two users take turns': async (world: FaultWorld) => {
    await addUser(world, SECOND_USER, SECOND_USERS_PASSWORD);
    world.pins = { endpoint: ENDPOINT, usernames: [USER, SECOND_USER] };
    world.deployUsers([USER, SECOND_USER]);
  },
  'another second user': async (world: FaultWorld) => {
    await addUser(world, THIRD_USER, 'Third-initial-password-0');
    world.pins = { endpoint: ENDPOINT, usernames: [USER, THIRD_USER] };
    world.deployUsers([USER, THIRD_USER]);
  },
  'one user, which the configuration names': async (world: FaultWorld) => {
    const username = world.usernameIn(AWSCURRENT) ?? USER;
    world.pins = { endpoint: ENDPOINT, username };
    world.deployUsers([username]);
  },
  'one user, which the configuration does not name': async (world: FaultWorld) => {
    world.pins = {};
    world.deployUsers([world.usernameIn(AWSCURRENT) ?? USER]);
  },
  'another user': async (world: FaultWorld) => {
    world.pins = { endpoint: ENDPOINT, username: THIRD_USER };
  },
  'other allowed endpoints': async (world: FaultWorld) => {
    world.configure({ endpointRules: { allowed: ['.zillizcloud.com'], allowPlaintext: false } });
  },
  'another endpoint': async (world: FaultWorld) => {
    world.pins = { endpoint: 'http://127.0.0.1:19999' };
  },
  'another password policy': async (world: FaultWorld) => {
    world.passwordPrefix = 'Other-policy';
  },
} as const;

async function addUser(world: FaultWorld, username: string, password: string): Promise<void> {
  if (world.cluster.passwordOf(username) !== undefined) {
    return;
  }
  world.cluster.addUser(username, password);
  const value = document(password, { username });
  const versionId = `deployed-${username}`;
  await world.secret.put({ versionId, value, labels: [sentLabel(versionId)] });
}

/** With these two, an application of docs/applications.md always finds an accepted credential. */
function expectAccepted(world: FaultWorld, moment: string): void {
  expect(world.logsIn(AWSCURRENT) || world.logsIn(AWSPENDING), moment).toBe(true);
}

describe.each(USER_STRATEGY_NAMES)('%s: during a rotation that stopped at any call', (strategy) => {
  it.each(casesOf(DEPLOYMENTS))('a deployment of %s keeps AWSPENDING or AWSCURRENT accepted', async (deployment) => {
    for (const step of STEPS) {
      for (const { index, fault } of await faultsOf('a secret rotated before', step, { strategy })) {
        const world = new FaultWorld();
        await world.useStrategy(strategy);
        await world.rotateSecret();
        await world.rotateSecret({ [step]: new Map([[index, fault]]) });
        await world.deliverDelayedChanges();
        const { config, pins, usernames } = world;
        await DEPLOYMENTS[deployment](world);
        const moment = `${step}, call ${index}, ${fault}`;
        let completed = false;
        for (let attempt = 1; attempt <= 3; attempt++) {
          completed = (await world.rotateSecret()).kind === 'done';
          expectAccepted(world, `${moment}, attempt ${attempt} after the deployment`);
        }
        if (completed) {
          continue;
        }
        // The deployment names another user or host. The former configuration helps.
        Object.assign(world, { config, pins });
        world.deployUsers(usernames);
        expect(await rotateToCompletion(world), moment).toMatchObject({ kind: 'done' });
        expectAccepted(world, `${moment}, with the former configuration`);
      }
    }
  });
});
