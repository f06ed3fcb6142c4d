import { SecretStoreError } from '../../../protocol/secret/secret-store.ts';
import { InMemorySecret } from '../../support/in-memory-secret.ts';
import { GAP, SECRET } from '../support/alternating-fixture.ts';
import type { FakeRotation } from '../support/fake-aws.ts';
import { addToFleet, createFleetFixture, JOURNAL, ROTATE_ALL } from '../support/fleet-fixture.ts';
import { leavePending } from '../support/repair-fixture.ts';
import {
  attemptAndFail,
  attemptSuccessfully,
  documentOf,
  FORBIDDEN,
  NEW_PASSWORD,
  OLD_PASSWORD,
  successfulRotation,
  UNREACHABLE,
} from '../support/rotations.ts';
import { giveFunction, removeFunction, type Stories, type Story, twoUsersWorld, type World } from './story.ts';

const ROTATE = 'rotate orders';
const STATUS = 'status orders';
const RESUME = `rotate --resume ${JOURNAL} --yes`;

function setCluster(state: Partial<World['cluster']>): (world: World) => unknown {
  return ({ cluster }) => Object.assign(cluster, state);
}

/** The rotations after this one succeed. */
function rotationsSucceed({ orders, cluster }: World): void {
  orders.rotate = successfulRotation(cluster);
}

/** The next rotation stores its version, and does not continue after this. */
function stoppedBy(happen: (world: World) => unknown): (world: World) => void {
  return (world) => {
    world.orders.rotate = (rotation) => {
      rotation.at(100, () => rotation.put(documentOf(NEW_PASSWORD)));
      rotation.at(2000, () => void happen(world));
    };
  };
}

/** The next rotation also does this. */
function meanwhile(milliseconds: number, happen: (world: World) => unknown): (world: World) => void {
  return (world) => {
    const { orders, cluster } = world;
    orders.rotate = (rotation) => {
      successfulRotation(cluster)(rotation);
      rotation.at(milliseconds, () => void happen(world));
    };
  };
}

function refused(reason: 'not-configured' | 'not-invocable' | 'other'): (world: World) => void {
  return ({ orders }) => {
    orders.rotate = { kind: 'refused', reason, answer: 'a test' };
  };
}

/** Secrets Manager answers reads of a value like this until the person has removed the cause. */
function whileReading(kind: SecretStoreError['kind'], code: string): Story {
  return {
    cause: ({ orders }) => {
      orders.store.read = () =>
        Promise.reject(new SecretStoreError({ action: 'GetSecretValue', code, kind, explanation: 'a test' }));
    },
    command: ROTATE,
    ends: [5, `(${code})`],
    follow: [({ orders }) => Reflect.deleteProperty(orders.store, 'read')],
  };
}

/** A world with some secrets, `fleet-0` and so on. */
async function fleet(count = 3): Promise<World> {
  const fixture = createFleetFixture(count);
  return Object.assign(fixture, { orders: fixture.aws.secret('fleet-0') });
}

const fleetSucceeds = (world: World): void => {
  addToFleet(world, 'fleet-0');
};

/** A failed rotation that Secrets Manager retries. */
function retried(): Story {
  let running: FakeRotation | undefined;
  return {
    cause: ({ orders }) => {
      orders.rotate = (rotation) => {
        running = rotation;
        attemptAndFail(rotation, UNREACHABLE);
      };
    },
    command: ROTATE,
    follow: [
      ({ cluster }) => running && attemptSuccessfully(running, cluster, documentOf(NEW_PASSWORD), 0),
      ({ clock }) => clock.sleep(5000, new AbortController().signal),
      'zilliz-rotation status',
    ],
    proof: STATUS,
  };
}

export const ROTATE_STORIES: Stories = {
  'rotate: a previous rotation is not complete': {
    cause: ({ orders }) => leavePending(orders),
    command: ROTATE,
    ends: [5, '(previous-incomplete)'],
    follow: ['zilliz-rotation status', 'zilliz-rotation repair'],
  },
  'rotate: Secrets Manager knows no rotation': {
    cause: refused('not-configured'),
    command: ROTATE,
    ends: [5, '(not-configured)'],
    follow: [rotationsSucceed],
  },
  'rotate: the function may not be invoked': {
    cause: (world) => {
      refused('not-invocable')(world);
      world.aws.inspection.account.policy = [];
    },
    command: ROTATE,
    ends: [5, '(not-invocable)'],
    follow: ['zilliz-rotation status', 'aws lambda add-permission', rotationsSucceed],
  },
  'rotate: another refusal': {
    cause: refused('other'),
    command: ROTATE,
    ends: [5, '(refused)'],
    follow: ['zilliz-rotation status', rotationsSucceed],
  },
  'rotate: a failure that a retry repairs': retried(),
  'rotate: a failure that no retry repairs': {
    cause: ({ orders }) => {
      orders.rotate = (rotation) => attemptAndFail(rotation, FORBIDDEN);
    },
    command: ROTATE,
    ends: [3, '(CHANGE_FORBIDDEN)'],
    follow: [rotationsSucceed, 'zilliz-rotation repair', 'zilliz-rotation rotate'],
    proof: STATUS,
  },
  'rotate: somebody stored another value': {
    cause: stoppedBy(({ orders }) => orders.store.storeByHand('v2', documentOf(OLD_PASSWORD))),
    command: ROTATE,
    ends: [3, '(abandoned)'],
    follow: ['zilliz-rotation status', rotationsSucceed],
  },
  'rotate: somebody removed AWSPENDING': {
    cause: stoppedBy(({ orders }) => orders.store.removePendingByHand()),
    command: ROTATE,
    ends: [3, '(pending-removed)'],
    follow: ['zilliz-rotation status', rotationsSucceed],
  },
  'rotate: somebody cancelled the rotation': {
    cause: stoppedBy(({ orders, cluster }) => {
      cluster.setByHand('app', NEW_PASSWORD);
      orders.store.rotationEnabled = false;
    }),
    command: ROTATE,
    ends: [3, '(cancelled)'],
    follow: ['zilliz-rotation repair'],
    proof: STATUS,
  },
  'rotate: the time limit': {
    command: `${ROTATE} --timeout 1s`,
    ends: [4, '(timed-out)'],
    follow: ['zilliz-rotation status', 'without --timeout', '--timeout 1m'],
  },
  'rotate: marked for deletion': {
    cause: ({ orders }) => {
      orders.deletedAt = 1;
    },
    command: ROTATE,
    ends: [5, '(marked-for-deletion)'],
    follow: ['aws secretsmanager restore-secret'],
  },
  'rotate: no function': {
    cause: removeFunction,
    command: ROTATE,
    ends: [5, '(not-configured)'],
    follow: [giveFunction],
  },
  'rotate: rotation is off': {
    cause: ({ orders }) => {
      orders.store.rotationEnabled = false;
    },
    command: ROTATE,
    ends: [5, '(rotation-off)'],
    follow: [
      'zilliz-rotation status',
      'aws secretsmanager rotate-secret',
      ({ orders }) => {
        orders.store.rotationEnabled = true;
      },
    ],
  },
  'rotate: no value': {
    cause: ({ orders }) => Object.assign(orders, { store: new InMemorySecret('orders') }),
    command: ROTATE,
    ends: [5, '(no-value)'],
    follow: [({ orders }) => orders.store.storeByHand('v1', documentOf(OLD_PASSWORD))],
  },
  'rotate: no usable credential': {
    cause: ({ orders }) => orders.store.storeByHand('v2', 'no credential'),
    command: ROTATE,
    ends: [5, '(unusable-secret)'],
    follow: ['zilliz-rotation status', 'zilliz-rotation repair orders --restore-previous'],
  },
  'rotate: Secrets Manager does not answer': whileReading('unavailable', 'TimeoutError'),
  'rotate: Secrets Manager denies the value': whileReading('denied', 'AccessDeniedException'),
  'rotate: Secrets Manager refuses the read': whileReading('refused', 'InvalidRequestException'),
  'rotate: the cluster cannot be reached for the login': {
    cause: meanwhile(3750, setCluster({ reachable: false })),
    command: ROTATE,
    ends: [7, '(cluster-unavailable)'],
    follow: [setCluster({ reachable: true }), 'zilliz-rotation status'],
    proof: STATUS,
  },
  'rotate: authorization is off': {
    cause: setCluster({ authorization: false }),
    command: ROTATE,
    ends: [7, '(authorization-off)'],
    follow: [setCluster({ authorization: true }), 'zilliz-rotation status'],
    proof: STATUS,
  },
  'rotate: the cluster rejects the new password': {
    cause: meanwhile(3750, ({ cluster }) => cluster.setByHand('app', OLD_PASSWORD)),
    command: ROTATE,
    ends: [6, '(login-rejected)'],
    follow: ['zilliz-rotation status', 'zilliz-rotation repair'],
    proof: STATUS,
  },
  'rotate: the function finds no room for its label': {
    make: twoUsersWorld,
    cause: async ({ orders }) => {
      for (let index = 1; index <= 16; index++) {
        await orders.store.addLabel({ label: `owner-${index}`, to: 'v0' });
      }
    },
    command: 'rotate zilliz/test',
    follow: [
      'zilliz-rotation status',
      'aws secretsmanager update-secret-version-stage',
      // The text says how many labels.
      ({ orders }) => orders.store.removeLabel({ label: 'owner-2', from: 'v0' }),
      ({ orders }) => orders.store.removeLabel({ label: 'owner-3', from: 'v0' }),
      'zilliz-rotation repair',
      'zilliz-rotation rotate',
    ],
    values: { LABEL: 'owner-1', VERSION: 'v0' },
    proof: 'status zilliz/test',
  },
  'rotate: the function finds authorization off': {
    make: twoUsersWorld,
    cause: setCluster({ authorization: false }),
    command: 'rotate zilliz/test',
    follow: [setCluster({ authorization: true }), 'zilliz-rotation repair', 'zilliz-rotation rotate'],
    proof: 'status zilliz/test',
  },
  'rotate: two users that take turns, within the minimum gap': {
    make: twoUsersWorld,
    cause: (world) => world.run(['rotate', SECRET]),
    command: `rotate ${SECRET}`,
    follow: [({ clock }) => clock.advance(GAP), 'zilliz-rotation rotate'],
    proof: `status ${SECRET}`,
  },
  'fleet: two users that take turns, within the minimum gap': {
    make: twoUsersWorld,
    cause: (world) => world.run(['rotate', SECRET]),
    command: `rotate --rotated-by zilliz-rotation --yes`,
    ends: [5, '(too-recent)'],
    follow: [({ clock }) => clock.advance(GAP)],
  },
  '--both-users: declined': {
    make: twoUsersWorld,
    command: 'rotate zilliz/test --both-users',
    ends: [5, '(declined)'],
    answer: 'no',
    proof: 'rotate zilliz/test --both-users --yes',
  },
  '--both-users: nobody agreed': {
    make: twoUsersWorld,
    command: 'rotate zilliz/test --both-users',
    ends: [5, '(consent-needed)'],
    follow: ['--yes'],
  },
  '--both-users: the first rotation failed': {
    make: twoUsersWorld,
    cause: setCluster({ refuses: () => true }),
    command: 'rotate zilliz/test --both-users --yes',
    follow: [setCluster({ refuses: () => false })],
  },
  'fleet: too many failures': {
    make: fleet,
    cause: ({ aws }) => {
      for (const name of ['fleet-0', 'fleet-1']) {
        aws.secret(name).rotate = (rotation) => attemptAndFail(rotation, FORBIDDEN);
      }
    },
    command: `rotate --all --yes --journal ${JOURNAL} --concurrency 1 --max-failures 1`,
    ends: [3, '(stopped)'],
    follow: [fleetSucceeds, 'zilliz-rotation rotate --resume'],
    proof: 'status --all',
  },
  'fleet: a full disk': {
    make: fleet,
    cause: ({ journals, files }) => {
      let lines = 0;
      journals.append = async (path, text) => {
        if (++lines > 1) {
          throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
        }
        files.set(path, `${files.get(path) ?? ''}${text}`);
      };
    },
    command: ROTATE_ALL.join(' '),
    ends: [5, '(journal-not-written)'],
    follow: [
      ({ journals, files }) => {
        journals.append = async (path, text) => void files.set(path, `${files.get(path) ?? ''}${text}`);
      },
      'zilliz-rotation rotate --resume',
    ],
    proof: RESUME,
  },
  'fleet: a complete journal with a failure': {
    make: fleet,
    cause: async (world) => {
      world.orders.rotate = (rotation) => attemptAndFail(rotation, FORBIDDEN);
      await world.run([...ROTATE_ALL, '--max-failures', '3']);
    },
    command: RESUME,
    follow: ['zilliz-rotation status', 'zilliz-rotation repair', fleetSucceeds],
    proof: 'rotate fleet-0',
  },
  'fleet: a file that is no journal': {
    make: fleet,
    cause: async (world) => {
      world.files.set('other', 'a text\n');
      await world.run(ROTATE_ALL);
    },
    command: 'rotate --resume other',
    ends: [2],
    follow: ['without --resume', `--resume ${JOURNAL}`],
  },
  'fleet: an empty journal': {
    make: fleet,
    cause: ({ files }) => files.set(JOURNAL, ''),
    command: RESUME,
    ends: [2],
    proof: 'rotate --all --yes',
  },
  'fleet: a journal that cannot be read': {
    make: fleet,
    command: RESUME,
    ends: [2],
    follow: [(world) => world.run(ROTATE_ALL)],
  },
  'fleet: another process works on the journal': {
    make: fleet,
    cause: async (world) => {
      await world.run(ROTATE_ALL);
      const text = world.files.get(JOURNAL) ?? '';
      world.files.set(JOURNAL, text.replace('"pid":1000', '"pid":77').replace(/.*"event":"end".*\n/, ''));
      world.runningProcesses.add(77);
    },
    command: RESUME,
    ends: [2],
    follow: [({ files }) => files.set(JOURNAL, (files.get(JOURNAL) ?? '').replace(/.*"event":"run".*\n/, ''))],
  },
  'fleet: a journal that exists': {
    make: fleet,
    cause: ({ files }) => files.set(JOURNAL, ''),
    command: ROTATE_ALL.join(' '),
    ends: [2],
    asksAws: true,
    follow: ['without --journal', '--journal other.jsonl'],
  },
  'fleet: --resume and --journal': {
    make: fleet,
    cause: (world) => world.run(ROTATE_ALL),
    command: `${RESUME} --journal other.jsonl`,
    ends: [2],
    follow: ['without --journal'],
  },
  'fleet: a function of an unknown owner': {
    make: fleet,
    cause: ({ aws }) => aws.failing.set('GetFunctionConfiguration', 'access-denied'),
    command: 'rotate --all --yes',
    ends: [5, '(unknown-owner)'],
    follow: ['without --all', '--rotated-by zilliz-rotation'],
  },
  'fleet: a named secret that does not meet the condition': {
    make: fleet,
    command: 'rotate fleet-0 --older-than 30d --yes',
    ends: [5],
    proof: 'rotate fleet-0',
  },
  'fleet: the plan leaves every secret out': {
    make: () => fleet(1),
    cause: ({ orders }) => orders.store.startRotation('token-1'),
    command: 'rotate --all --yes',
    ends: [5, '(previous-incomplete)'],
    follow: ['zilliz-rotation repair', 'zilliz-rotation status'],
  },
};
