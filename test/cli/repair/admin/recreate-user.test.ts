import { beforeEach, describe, expect, it } from 'vitest';
import { rolesTag } from '../../../../cli/aws/stored-roles.ts';
import { AWSCURRENT } from '../../../../protocol/secret/versions.ts';
import { fixture, orders, useOrders } from '../../support/orders-fixture.ts';
import { addAdmin } from '../../support/repair-fixture.ts';
import { documentOf, GENERATED_PASSWORD } from '../../support/rotations.ts';

useOrders();

const asked = ['repair', 'orders', '--admin-secret', 'zilliz-admin', '--recreate-user'];
const recreate = [...asked, '--yes'];
const TAG = rolesTag('app');

describe('repair --recreate-user', () => {
  beforeEach(() => {
    fixture.cluster.setByHand('app', 'Unknown!1');
    addAdmin(fixture);
    fixture.cluster.superUsers = [];
    fixture.adminCluster.roles.set('app', ['reader', 'writer']);
  });

  function beforeDrop(happen: () => void): void {
    const { dropUser } = fixture.adminCluster;
    fixture.adminCluster.dropUser = async (...request) => {
      happen();
      return await dropUser(...request);
    };
  }

  it.each([[[]], [['--json']], [['--quiet']]])(
    'stores the roles and prints them before the drop with %j',
    async (more) => {
      let before = { tags: {}, err: '' };
      beforeDrop(() => {
        before = { tags: { ...orders.store.tags }, err: fixture.printed.err };
      });

      expect((await fixture.run([...recreate, ...more])).code).toBe(0);

      expect(before.tags).toEqual({ [TAG]: 'reader writer' });
      expect(before.err).toContain(`orders: Roles of app: reader, writer. The tag ${TAG} of orders keeps them.`);
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
    expect(fixture.adminCluster.roles.get('app')).toEqual(['reader', 'writer']);
  });

  it('grants a role that the user got while the operator was asked', async () => {
    const answer = (question: string) => {
      if (question.startsWith('Carry this out?')) {
        fixture.adminCluster.roles.set('app', ['reader', 'writer', 'late']);
      }
      return 'yes' as const;
    };

    expect((await fixture.run(asked, { isTTY: true, answer })).code).toBe(0);
    expect(fixture.adminCluster.roles.get('app')).toEqual(['reader', 'writer', 'late']);
  });

  it('grants a role that the user gets while the roles are stored', async () => {
    const { tagSecret } = fixture.aws.rotation;
    fixture.aws.rotation.tagSecret = async (...request) => {
      fixture.adminCluster.roles.set('app', ['reader', 'writer', 'late']);
      await tagSecret(...request);
    };

    expect((await fixture.run(recreate)).code).toBe(0);
    expect(fixture.adminCluster.roles.get('app')).toEqual(['reader', 'writer', 'late']);
  });

  it('drops nothing if the roles cannot be stored', async () => {
    fixture.aws.failing.set('TagResource', 'access-denied');

    const { code, out } = await fixture.run(recreate);

    expect(code).toBe(3);
    expect(out).toContain('(access-denied)');
    expect(out).toContain('app was not dropped, because its roles could not be stored');
    expect(fixture.adminCluster.requests).toEqual([]);
    expect((await orders.store.describe()).versions).toHaveLength(1);
    fixture.aws.failing.clear();
    expect((await fixture.run(recreate)).code).toBe(0);
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

    const { code, out } = await fixture.run(recreate);

    expect(code).toBe(130);
    expect(out).toContain('Nothing was changed.');
    expect(fixture.adminCluster.requests).toEqual([]);
    expect(fixture.cluster.passwordOf('app')).toBe('Unknown!1');
    expect(orders.store.tags).toEqual({});
    expect((await orders.store.describe()).versions).toHaveLength(1);
  });

  it('finishes after Ctrl-C during the drop, so that the user exists again with its roles', async () => {
    beforeDrop(() => fixture.interruption.abort());

    await fixture.run(recreate);

    expect(fixture.adminCluster.roles.get('app')).toEqual(['reader', 'writer']);
    expect(fixture.cluster.passwordOf('app')).toBe(GENERATED_PASSWORD);
  });

  it.each(['refused', 'lost'] as const)(
    'continues if the answer to the drop is %s and the user is gone',
    async (kind) => {
      const { dropUser } = fixture.adminCluster;
      fixture.adminCluster.dropUser = async (...request) => {
        await dropUser(...request);
        return { kind, answer: 'UnexpectedError 65535: context deadline exceeded' };
      };

      expect((await fixture.run(recreate)).code).toBe(0);
      expect(fixture.adminCluster.roles.get('app')).toEqual(['reader', 'writer']);
    },
  );

  it('does not say that a user was not dropped if the answer is lost and the cluster is silent', async () => {
    const { dropUser, describeUser } = fixture.adminCluster;
    let dropped = false;
    fixture.adminCluster.dropUser = async (...request) => {
      await dropUser(...request);
      dropped = true;
      return { kind: 'lost', answer: 'gRPC 4: deadline exceeded' };
    };
    fixture.adminCluster.describeUser = async (...request) =>
      dropped ? { kind: 'refused', answer: 'gRPC 16' } : await describeUser(...request);

    const { code, out } = await fixture.run(recreate);

    expect(code).toBe(3);
    expect(out).toContain('It is not known whether app still exists.');
    expect(out).not.toContain('was not dropped');
    fixture.adminCluster.describeUser = describeUser;
    fixture.adminCluster.dropUser = dropUser;
    expect((await fixture.run(recreate)).code).toBe(0);
    expect(fixture.adminCluster.roles.get('app')).toEqual(['reader', 'writer']);
  });
});

describe('after a repair that was killed between the creation and the grants', () => {
  beforeEach(async () => {
    addAdmin(fixture);
    orders.store.tags[TAG] = 'reader writer';
    fixture.adminCluster.roles.set('app', ['reader']);
  });

  it('status names the repair, which grants the roles and removes the tag', async () => {
    const status = await fixture.runJson('status', 'orders');
    const [finding] = status.document.secrets[0].findings;

    expect(status.code).toBe(3);
    expect(finding).toMatchObject({ code: 'roles-not-confirmed', message: expect.stringContaining('reader, writer') });
    const [, line = ''] = /`zilliz-rotation ([^`]+)`/.exec(finding.advice) ?? [];
    const advised = line.replace('ADMIN-SECRET', 'zilliz-admin').split(' ');
    const { code, document } = await fixture.runJson(...advised, '--yes');
    expect(code).toBe(0);
    expect(document.plan).toEqual([
      'Grant to app the roles that it lacks, with the credential in zilliz-admin: reader, writer',
    ]);
    expect(fixture.adminCluster.requests).toEqual(['grantRole app']);
    expect((await fixture.run(['status', 'orders'])).code).toBe(0);
  });

  it.each([
    ['in order', () => undefined],
    ['moves AWSCURRENT', () => orders.store.storeByHand('wrong', documentOf('Wrong!1'))],
  ])('a repair without an admin that finds the secret %s ends with 3', async (_, prepare) => {
    prepare();

    const { code, out } = await fixture.run(['repair', 'orders', '--yes']);

    expect(code).toBe(3);
    expect(out).toContain('(roles-not-confirmed)');
    expect(orders.store.holder(AWSCURRENT)).toBe('orders-v1');
    expect(orders.store.tags).toHaveProperty([TAG]);
  });

  it('removes the tag if the user has every role', async () => {
    fixture.adminCluster.roles.set('app', ['reader', 'writer']);

    expect((await fixture.run(recreate)).code).toBe(0);
    expect(fixture.adminCluster.requests).toEqual([]);
    expect(orders.store.tags).toEqual({});
    expect((await fixture.run(recreate)).out).toContain('orders: in order');
  });

  it('names the tag that AWS does not let it remove', async () => {
    fixture.aws.failing.set('UntagResource', 'access-denied');

    const { code, out } = await fixture.run(recreate);

    expect(code).toBe(3);
    expect(out).toContain('app has every role. The tag with these roles could not be removed');
  });

  it('grants the roles of --role too', async () => {
    expect((await fixture.run([...recreate, '--role', 'extra'])).code).toBe(0);
    expect(fixture.adminCluster.roles.get('app')).toEqual(['reader', 'extra', 'writer']);
  });
});
