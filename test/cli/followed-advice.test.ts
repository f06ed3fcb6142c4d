import { expect, it } from 'vitest';
import type { CreatedKey } from '../../protocol/keys/control-plane.ts';
import { formatPins, OFF_ON_PURPOSE, SECRET_TARGETS } from '../../protocol/secret/rotated-secrets.ts';
import { AWSCURRENT, AWSPENDING, sentLabel } from '../../protocol/secret/versions.ts';
import { parseAwsCommandLine, shellWords } from '../support/aws-command-line.ts';
import type { InMemoryControlPlane } from '../support/in-memory-control-plane.ts';
import { SCOPE } from '../support/key-world.ts';
import { ENDPOINT as LOOPBACK_ENDPOINT, SECOND_USER, USER } from '../support/rotation-world.ts';
import { createFunctionFixture, SECRET } from './support/alternating-fixture.ts';
import { createFixture, type Fixture } from './support/command-fixture.ts';
import type { FakeSecret } from './support/fake-aws.ts';
import { createKeyFixture } from './support/key-fixture.ts';
import { addAdmin, leavePending } from './support/repair-fixture.ts';
import {
  attemptAndFail,
  documentOf,
  FORBIDDEN,
  NEW_PASSWORD,
  OLD_PASSWORD,
  successfulRotation,
} from './support/rotations.ts';

/** The state that a row changes. */
interface World extends Fixture {
  /** The secret that the row is about. At first, its AWSCURRENT is accepted. */
  readonly secret: FakeSecret;
  /** The organization of an API key. */
  readonly organization?: InMemoryControlPlane;
}

type Change = (world: World) => unknown;

/** An operator runs a command, does what it advises, and runs it again: always at one place. */
interface Row {
  /** The code that the command prints, at first only. */
  readonly code: string;
  /** The exit code of the first command. */
  readonly exits: number;
  /** Brings the secret, AWS or the cluster into the state. */
  readonly state: Change;
  /** Default: `status` of the secret. */
  readonly command?: string;
  /** @default a secret of a single user */
  readonly users?: 'two' | 'key';
  /**
   * What the operator does. A text is the beginning of an advised command, which the test takes out
   * of the output and runs.
   */
  readonly follow: readonly (string | Change)[];
  /** The values of placeholders in advised commands. */
  readonly values?: Readonly<Record<string, string>>;
  /** The command that ends with 0 at the end. Default: `command`. */
  readonly proof?: string;
}

const ADMIN = { 'ADMIN-SECRET': 'zilliz-admin' };

/** The second key of an organization. */
const OTHER_KEY_ID = 'key-00000000000002';

/** Somebody deleted the only stored key. @returns another key */
async function loseKey({ organization }: World): Promise<CreatedKey> {
  const [first] = (await organization?.list()) ?? [];
  await organization?.delete(first?.id ?? '');
  const other = organization?.createByHand({ name: 'other', description: 'by hand', scope: SCOPE });
  expect(other?.id).toBe(OTHER_KEY_ID);
  return other ?? { id: '', key: '' };
}

/** A person names the other key in the configuration, and deploys. */
const pinOtherKey: Change = ({ aws }) => {
  const target = { endpoint: LOOPBACK_ENDPOINT, apiKeyId: OTHER_KEY_ID };
  aws.environment[SECRET_TARGETS] = formatPins({ [SECRET]: target });
};

/** Somebody changed the password outside the secret. An admin can set a new one. */
const losePassword: Change = (world) => {
  addAdmin(world);
  world.adminCluster.roles.set('app', ['reader']);
  world.cluster.setByHand('app', 'Unknown!1');
  world.secret.store.lastRotatedAt = 1;
};

const rotationsSucceed: Change = ({ secret, cluster }) => {
  secret.rotate = successfulRotation(cluster);
};

/** The rotation stores its version and stops. Then this happens. */
function stoppedBy(happen: Change): Change {
  return (world) => {
    world.secret.rotate = (rotation) => {
      rotation.at(100, () => rotation.put(documentOf(NEW_PASSWORD)));
      rotation.at(2000, () => void happen(world));
    };
  };
}

const ROWS: Readonly<Record<string, Row>> = {
  'a rotation stopped after the change': {
    code: 'current-not-in-force',
    exits: 3,
    state: async ({ secret, cluster }) => {
      await leavePending(secret);
      cluster.setByHand('app', NEW_PASSWORD);
    },
    follow: ['zilliz-rotation repair'],
  },
  'somebody cancels the rotation that the command follows': {
    code: 'cancelled',
    exits: 3,
    state: stoppedBy(({ secret, cluster }) => {
      cluster.setByHand('app', NEW_PASSWORD);
      secret.store.rotationEnabled = false;
    }),
    command: 'rotate orders',
    follow: ['zilliz-rotation repair', 'aws secretsmanager rotate-secret'],
    proof: 'status orders',
  },
  'the cluster refuses the change': {
    code: FORBIDDEN.code,
    exits: 3,
    state: ({ secret }) => {
      secret.rotate = (rotation) => attemptAndFail(rotation, FORBIDDEN);
    },
    command: 'rotate orders',
    follow: [rotationsSucceed, 'zilliz-rotation repair', 'zilliz-rotation rotate'],
    proof: 'status orders',
  },
  'the cluster rejects the new password': {
    code: 'login-rejected',
    exits: 6,
    state: ({ secret, cluster }) => {
      secret.rotate = (rotation) => {
        successfulRotation(cluster)(rotation);
        rotation.at(3750, () => cluster.setByHand('app', OLD_PASSWORD));
      };
    },
    command: 'rotate orders',
    follow: ['zilliz-rotation status', 'zilliz-rotation repair'],
    proof: 'status orders',
  },
  'AWSCURRENT holds no credential': {
    code: 'unusable-secret',
    exits: 5,
    state: ({ secret }) => secret.store.storeByHand('v2', 'no credential'),
    command: 'rotate orders',
    follow: ['zilliz-rotation status', 'zilliz-rotation repair orders --version'],
  },
  'AWSCURRENT holds a note': {
    code: 'unusable-secret',
    exits: 3,
    state: ({ secret, cluster, passwords }) => {
      secret.store.storeByHand('v2', 'later: ask Bob');
      cluster.setByHand('app', 'Console!1');
      passwords.push('Console!1');
    },
    follow: ['zilliz-rotation init'],
  },
  'no stored password is accepted': {
    code: 'none-in-force',
    exits: 3,
    state: losePassword,
    follow: ['zilliz-rotation repair orders --admin-secret'],
    values: ADMIN,
  },
  'the secret holds only a placeholder': {
    code: 'none-in-force',
    exits: 5,
    state: (world) => {
      addAdmin(world);
      world.cluster.dropUser('app');
    },
    command: 'rotate orders',
    follow: ['zilliz-rotation init orders --admin-secret'],
    values: { ...ADMIN, ROLE: 'reader' },
  },
  'no stored API key is accepted': {
    code: 'none-in-force',
    exits: 3,
    users: 'key',
    state: loseKey,
    follow: [`zilliz-rotation repair ${SECRET} --manager`],
    values: { 'KEY-ID': OTHER_KEY_ID },
  },
  'no stored API key is accepted, and a person has another one': {
    code: 'none-in-force',
    exits: 3,
    users: 'key',
    state: async (world) => {
      const { id, key } = await loseKey(world);
      world.passwords.push(id, key);
    },
    follow: ['zilliz-rotation init'],
  },
  'the cluster does not accept the copy of another API key': {
    code: 'new-key-rejected',
    exits: 3,
    users: 'key',
    state: async (world) => {
      await loseKey(world);
      world.cluster.acceptsKey = () => false;
    },
    command: `repair ${SECRET} --manager --like ${OTHER_KEY_ID} --yes`,
    // A person gives the other key the cluster.
    follow: [({ cluster, organization }) => (cluster.acceptsKey = (key) => organization?.accepts(key) === true)],
  },
  'somebody deleted the API key in AWSCURRENT': {
    code: 'current-not-in-force',
    exits: 3,
    users: 'key',
    state: async (world) => {
      await world.run(['rotate', SECRET]);
      await world.organization?.delete(OTHER_KEY_ID);
    },
    follow: ['zilliz-rotation repair'],
  },
  'the API key in AWSCURRENT has the role Owner': {
    code: 'KEY_NOT_ROTATABLE',
    exits: 3,
    users: 'key',
    state: async ({ organization, passwords }) => {
      const [first] = (await organization?.list()) ?? [];
      organization?.changeScope(first?.id ?? '', { orgRole: 'Owner', projects: [] });
      passwords.push(organization?.createByHand({ name: 'other', description: 'by hand', scope: SCOPE }).key ?? '');
    },
    command: `status ${SECRET} --manager`,
    follow: ['zilliz-rotation init', pinOtherKey],
    values: { 'KEY-ID': OTHER_KEY_ID },
  },
  'the other user has a password that a person knows': {
    code: 'other-user-not-in-force',
    exits: 3,
    users: 'two',
    state: ({ cluster, passwords }) => {
      cluster.setByHand(SECOND_USER, 'Console-1');
      passwords.push('Console-1');
    },
    follow: ['zilliz-rotation init'],
  },
  'the other user has a password that nobody knows': {
    code: 'other-user-not-in-force',
    exits: 3,
    users: 'two',
    state: (world) => {
      addAdmin(world, LOOPBACK_ENDPOINT);
      world.cluster.setByHand(SECOND_USER, 'Unknown-1');
    },
    follow: ['zilliz-rotation repair'],
    values: ADMIN,
  },
  'the other user does not exist': {
    code: 'other-user-not-in-force',
    exits: 3,
    users: 'two',
    state: (world) => {
      addAdmin(world, LOOPBACK_ENDPOINT);
      world.cluster.dropUser(SECOND_USER);
    },
    follow: [`zilliz-rotation init zilliz/test --users ${USER},${SECOND_USER} --admin-secret`],
    values: ADMIN,
  },
  'the version of the other user has no label': {
    code: 'other-user-unlabelled',
    exits: 3,
    users: 'two',
    state: ({ secret }) => secret.store.removeLabel({ label: sentLabel('v-second'), from: 'v-second' }),
    follow: ['zilliz-rotation repair'],
  },
  'the secret is marked for deletion': {
    code: 'marked-for-deletion',
    exits: 3,
    state: ({ secret }) => {
      secret.deletedAt = 1;
    },
    follow: ['aws secretsmanager restore-secret'],
  },
  'the schedule was missed': {
    code: 'overdue',
    exits: 3,
    state: ({ secret, clock }) => {
      secret.nextRotationAt = clock.now() - 1;
    },
    // Secrets Manager sets the next date.
    follow: ['zilliz-rotation rotate', ({ secret }) => Object.assign(secret, { nextRotationAt: undefined })],
  },
  'rotation is on without a schedule': {
    code: 'no-schedule',
    exits: 3,
    state: ({ secret }) => Object.assign(secret, { schedule: undefined }),
    follow: ['aws secretsmanager rotate-secret'],
  },
  'rotation is off': {
    code: 'rotation-off',
    exits: 5,
    state: ({ secret }) => {
      secret.store.rotationEnabled = false;
    },
    command: 'rotate orders',
    follow: ['zilliz-rotation status', 'aws secretsmanager rotate-secret'],
  },
  'rotation is off on purpose': {
    code: 'rotation-off-on-purpose',
    exits: 0,
    state: ({ secret }) => {
      secret.store.rotationEnabled = false;
      secret.store.tags[OFF_ON_PURPOSE.key] = OFF_ON_PURPOSE.value;
    },
    follow: ['aws secretsmanager untag-resource', 'zilliz-rotation status', 'aws secretsmanager rotate-secret'],
  },
};

/** What the advised commands of the AWS CLI do to the fakes. */
const AWS_COMMANDS: Readonly<Record<string, (world: World, input: Readonly<Record<string, unknown>>) => unknown>> = {
  'secretsmanager restore-secret': ({ secret }) => {
    secret.deletedAt = undefined;
  },
  'secretsmanager untag-resource': ({ secret }, { TagKeys }) => {
    for (const key of TagKeys as string[]) {
      delete secret.store.tags[key];
    }
  },
  'secretsmanager rotate-secret': ({ secret }, { RotateImmediately, RotationLambdaARN, RotationRules }) => {
    expect(RotationLambdaARN).toBe(secret.rotationFunctionArn);
    secret.store.rotationEnabled = RotateImmediately === false;
    Object.assign(secret, { schedule: (RotationRules as { ScheduleExpression: string }).ScheduleExpression });
  },
};

async function createWorld(users: Row['users']): Promise<World> {
  if (users === 'two') {
    const { fixture, secret } = await createFunctionFixture('two');
    return Object.assign(fixture, { secret });
  }
  if (users === 'key') {
    const { fixture, secret, world } = createKeyFixture();
    return Object.assign(fixture, { secret, organization: world.organization });
  }
  const fixture = createFixture();
  fixture.cluster.addUser('app', OLD_PASSWORD);
  const rotate = successfulRotation(fixture.cluster);
  return Object.assign(fixture, { secret: fixture.aws.add('orders', documentOf(OLD_PASSWORD), { rotate }) });
}

/** Where the secrets are. Only the first and the last command line say so by hand. */
const PLACE = { region: 'us-east-1', profile: 'prod 1' };
const PLACE_OPTIONS = ` --region us-east-1 --profile 'prod 1'`;

/** Runs `zilliz-rotation`, for an operator who agrees to every plan. */
async function runLine(line: string, world: World): Promise<{ code: number; printed: string }> {
  const { code, out, err } = await world.run(shellWords(line), { answer: 'yes' });
  return { code, printed: `${err} ${out}`.replaceAll(/\s+/g, ' ') };
}

/** The advised command that begins like this, with the values of its placeholders. */
function advisedIn(printed: string, beginning: string, values: Row['values'] = {}): string {
  const commands = [...printed.matchAll(/`([^`]+)`/g)].map(([, command = '']) => command);
  const found = commands.find((command) => `${command} `.startsWith(`${beginning} `));
  expect(found, `a command like ${beginning} in: ${printed}`).toBeDefined();
  return Object.entries(values).reduce((line, [name, value]) => line.replaceAll(name, value), found ?? '');
}

it.each(Object.entries(ROWS))('the advice helps if %s', async (_, row) => {
  const world = await createWorld(row.users);
  const command = row.command ?? `status ${world.secret.name}`;
  await row.state(world);
  const before = world.connections.length;
  const first = await runLine(`${command}${PLACE_OPTIONS}`, world);
  expect(first.code, first.printed).toBe(row.exits);
  expect(first.printed).toContain(`(${row.code})`);
  let { printed } = first;

  for (const step of row.follow) {
    if (typeof step === 'function') {
      await step(world);
    } else if (step.startsWith('aws ')) {
      const { service, action, input } = parseAwsCommandLine(advisedIn(printed, step, row.values));
      expect([world.secret.name, world.secret.arn, undefined]).toContain(input['SecretId']);
      expect({ region: input['Region'], profile: input['Profile'] }).toEqual(PLACE);
      await AWS_COMMANDS[`${service} ${action}`]?.(world, input);
    } else {
      const advised = await runLine(advisedIn(printed, step, row.values).replace('zilliz-rotation ', ''), world);
      // `status` exits with 3 while it reports a problem.
      expect(advised.code === 3 && step.includes(' status') ? 0 : advised.code, advised.printed).toBe(0);
      printed += advised.printed;
    }
  }

  const last = await runLine(`${row.proof ?? command}${PLACE_OPTIONS}`, world);
  expect(last.code, last.printed).toBe(0);
  expect(last.printed).not.toContain(`(${row.code})`);
  expect([undefined, world.secret.store.holder(AWSCURRENT)]).toContain(world.secret.store.holder(AWSPENDING));
  expect(new Set(world.connections.slice(before).map((connection) => JSON.stringify(connection)))).toEqual(
    new Set([JSON.stringify(PLACE)]),
  );
});
