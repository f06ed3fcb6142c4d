import { beforeEach, describe, expect, it } from 'vitest';
import { rolesTag } from '../../../cli/aws/stored-roles.ts';
import type { AdminAnswer } from '../../../cli/cluster/admin-cluster.ts';
import { AWSCURRENT } from '../../../protocol/secret/versions.ts';
import { fixture, orders, useOrders } from '../support/orders-fixture.ts';
import { addAdmin } from '../support/repair-fixture.ts';
import { documentOf, GENERATED_PASSWORD, OLD_PASSWORD } from '../support/rotations.ts';

useOrders();

const asked = ['repair', 'orders', '--admin-secret', 'zilliz-admin', '--recreate-user'];
const recreate = [...asked, '--yes'];
const TAG = rolesTag('app');

/** An admin who may not reset the password, which no version holds. */
function lockOut(): void {
  fixture.cluster.setByHand('app', 'Unknown!1');
  addAdmin(fixture);
  fixture.cluster.superUsers = [];
  fixture.adminCluster.roles.set('app', ['reader', 'writer']);
}

const roles = () => fixture.adminCluster.roles.get('app');

function expectNewPassword(): void {
  expect(fixture.cluster.passwordOf('app')).toBe(GENERATED_PASSWORD);
  expect(orders.store.valueOf(orders.store.holder(AWSCURRENT) ?? '')).toBe(documentOf(GENERATED_PASSWORD));
}

/** Answers the drop as given. The cluster drops the user before or not at all. */
function answerDrop(answer: AdminAnswer, isDropped: boolean): void {
  const { dropUser } = fixture.adminCluster;
  fixture.adminCluster.dropUser = async (...request) => {
    if (isDropped) {
      await dropUser(...request);
    }
    return answer;
  };
}

describe('repair --recreate-user', () => {
  beforeEach(lockOut);

  it.each([[[]], [['--json']], [['--quiet']]])(
    'stores the roles and prints them, and then recreates the user with them: %j',
    async (more) => {
      let before = { tags: {}, err: '' };
      const { dropUser } = fixture.adminCluster;
      fixture.adminCluster.dropUser = async (...request) => {
        before = { tags: { ...orders.store.tags }, err: fixture.printed.err };
        return await dropUser(...request);
      };

      expect((await fixture.run([...recreate, ...more])).code).toBe(0);

      expect(before.tags).toEqual({ [TAG]: 'reader writer' });
      expect(before.err).toContain(`orders: Roles of app: reader, writer. The tag ${TAG} of orders keeps them.`);
      expect(fixture.adminCluster.requests).toEqual([
        'dropUser app',
        'createUser app',
        ...['grantRole app', 'grantRole app'],
      ]);
      expect(roles()).toEqual(['reader', 'writer']);
      expectNewPassword();
      expect(orders.store.tags).toEqual({});
    },
  );

  it('asks for the name of the user before it can drop the user', async () => {
    const questions: (readonly [string, string | undefined])[] = [];
    const answer = (question: string, confirmation?: string) => {
      questions.push([question, confirmation]);
      return questions.length === 1 ? 'yes' : 'no';
    };

    await fixture.run(asked, { isTTY: true, answer });

    const question = 'Carry this out? It can drop the user app. Type the name of the user to confirm:';
    expect(questions.at(-1)).toEqual([question, 'app']);
    expect(roles()).toEqual(['reader', 'writer']);
  });

  it('drops no user whose password the admin can reset', async () => {
    fixture.cluster.superUsers = ['root_admin'];

    expect((await fixture.run(recreate)).code).toBe(0);
    expect(fixture.adminCluster.requests).toEqual([]);
  });

  it('asks no admin while AWSCURRENT is accepted', async () => {
    fixture.cluster.setByHand('app', OLD_PASSWORD);

    expect((await fixture.run(recreate)).code).toBe(0);
    expect(fixture.aws.calls.filter((call) => call.endsWith('zilliz-admin'))).toEqual([]);
  });

  it.each([[[]], [['--role', 'reader']]])(
    'creates a user that the cluster no longer has only with the roles of --role: %j',
    async (options) => {
      fixture.cluster.superUsers = ['root_admin'];
      fixture.cluster.dropUser('app');
      fixture.adminCluster.roles.delete('app');

      const { code, document } = await fixture.runJson(...recreate, ...options);

      const isKnown = options.length > 0;
      expect([code, document.error?.code]).toEqual(isKnown ? [0, undefined] : [5, 'roles-needed']);
      expect(fixture.adminCluster.requests).toEqual(isKnown ? ['createUser app', 'grantRole app'] : []);
    },
  );

  it.each([
    [
      'while the operator is asked',
      (grant: () => void) => (question: string) => {
        if (question.startsWith('Carry this out?')) {
          grant();
        }
        return 'yes' as const;
      },
    ],
    [
      'while the roles are stored',
      (grant: () => void) => {
        const { tagSecret } = fixture.aws.rotation;
        fixture.aws.rotation.tagSecret = async (...request) => {
          grant();
          await tagSecret(...request);
        };
        return () => 'yes' as const;
      },
    ],
  ])('grants a role that the user gets %s', async (_, grantDuring) => {
    const all = ['reader', 'writer', 'late'];
    const answer = grantDuring(() => fixture.adminCluster.roles.set('app', all));

    expect((await fixture.run(asked, { isTTY: true, answer })).code).toBe(0);
    expect(roles()).toEqual(all);
  });

  it('drops nothing if the roles cannot be stored', async () => {
    fixture.aws.failing.set('TagResource', 'access-denied');

    const { code, document } = await fixture.runJson(...recreate);

    expect([code, document.error.code]).toEqual([3, 'access-denied']);
    expect(fixture.adminCluster.requests).toEqual([]);
    expect((await orders.store.describe()).versions).toHaveLength(1);
  });

  it.each([
    ['the reset', 'resetPassword'],
    ['the roles are stored', 'tagSecret'],
  ])('drops nothing and leaves nothing after Ctrl-C before %s ends', async (_, method) => {
    // The two methods have different arguments, which this test passes on.
    const target = (method === 'tagSecret' ? fixture.aws.rotation : fixture.cluster) as unknown as Record<
      string,
      (...args: unknown[]) => unknown
    >;
    const original = target[method]?.bind(target);
    target[method] = async (...args) => {
      fixture.interruption.abort();
      return await original?.(...args);
    };

    expect((await fixture.run(recreate)).code).toBe(130);
    expect(fixture.adminCluster.requests).toEqual([]);
    expect(fixture.cluster.passwordOf('app')).toBe('Unknown!1');
    expect(orders.store.tags).toEqual({});
    expect((await orders.store.describe()).versions).toHaveLength(1);
  });

  it('finishes after Ctrl-C during the drop, so that the user exists again with its roles', async () => {
    const { dropUser } = fixture.adminCluster;
    fixture.adminCluster.dropUser = async (...request) => {
      fixture.interruption.abort();
      return await dropUser(...request);
    };

    await fixture.run(recreate);

    expect(roles()).toEqual(['reader', 'writer']);
    expectNewPassword();
  });

  it.each(['refused', 'lost'] as const)(
    'asks the cluster who exists if the answer to the drop is: %s',
    async (kind) => {
      const answer = { kind, answer: 'UnexpectedError 65535: context deadline exceeded' };
      const { dropUser } = fixture.adminCluster;
      answerDrop(answer, false);
      const kept = await fixture.runJson(...recreate);
      fixture.adminCluster.dropUser = dropUser;
      answerDrop(answer, true);
      const dropped = await fixture.runJson(...recreate);

      expect([kept.code, kept.document.error.code]).toEqual([3, 'drop-failed']);
      expect(kept.document.error.advice).toContain('Run the same command again');
      expect(dropped.code).toBe(0);
      expect(roles()).toEqual(['reader', 'writer']);
    },
  );

  it('makes the new password AWSCURRENT although a grant is refused, and the next run grants the role', async () => {
    const { grantRole } = fixture.adminCluster;
    fixture.adminCluster.grantRole = async (admin, username, role) =>
      role === 'writer' ? { kind: 'refused', answer: 'gRPC 14' } : await grantRole(admin, username, role);

    for (const { code, document } of [await fixture.runJson(...recreate), await fixture.runJson(...recreate)]) {
      expect([code, document.error.code]).toEqual([3, 'roles-missing']);
      expectNewPassword();
    }
    fixture.adminCluster.grantRole = grantRole;
    expect((await fixture.run(recreate)).code).toBe(0);
    expect(roles()).toEqual(['reader', 'writer']);
  });

  it('is not settled if the cluster rejects the login of the created user', async () => {
    fixture.adminCluster.createUser = async () => ({ kind: 'done' });

    const { document } = await fixture.runJson(...recreate);

    expect(document.error.code).toBe('unsettled');
    expect(orders.store.tags).not.toEqual({});
  });
});

describe('after a repair that was killed between the creation and the grants', () => {
  beforeEach(async () => {
    addAdmin(fixture);
    orders.store.tags[TAG] = 'reader writer';
    fixture.adminCluster.roles.set('app', ['reader']);
  });

  it('a repair without an admin ends with 3', async () => {
    orders.store.storeByHand('wrong', documentOf('Wrong!1'));

    const { code, document } = await fixture.runJson('repair', 'orders', '--yes');

    expect([code, document.error.code]).toEqual([3, 'roles-not-confirmed']);
    expect(orders.store.holder(AWSCURRENT)).toBe('orders-v1');
    expect(orders.store.tags).toHaveProperty([TAG]);
  });

  it('removes the tag if the user has every role', async () => {
    fixture.adminCluster.roles.set('app', ['reader', 'writer']);

    expect((await fixture.run(recreate)).code).toBe(0);
    expect(fixture.adminCluster.requests).toEqual([]);
    expect(orders.store.tags).toEqual({});
  });

  it('grants the roles of --role too', async () => {
    expect((await fixture.run([...recreate, '--role', 'extra'])).code).toBe(0);
    expect(roles()).toEqual(['reader', 'extra', 'writer']);
  });
});
