import { describe, expect, it } from 'vitest';
import { ClusterUnavailableError } from '../../../protocol/cluster/cluster.ts';
import { fixture, orders, TOKEN, useOrders } from '../support/orders-fixture.ts';
import { documentOf, ENDPOINT, NEW_PASSWORD, OLD_PASSWORD, successfulRotation } from '../support/rotations.ts';

useOrders();

describe('a successful rotation', () => {
  it('prints nothing but the result with --quiet', async () => {
    const { out, err } = await fixture.run(['rotate', 'orders', '--quiet']);

    expect(err).toBe('');
    expect(out).toContain('orders: rotated');
  });

  it('prints one JSON document on stdout with --json and keeps progress on stderr', async () => {
    const { out, err } = await fixture.run(['rotate', 'orders', '--json']);

    expect(JSON.parse(out)).toEqual({
      command: 'rotate',
      exitCode: 0,
      secrets: [
        {
          secret: 'orders',
          arn: orders.arn,
          outcome: 'rotated',
          exitCode: 0,
          versionId: TOKEN,
          previousVersionId: 'orders-v1',
          durationMs: expect.any(Number),
          login: { endpoint: ENDPOINT, username: 'app', apiKeyId: null, roles: [] },
          error: null,
          notes: [],
        },
      ],
    });
    expect(err).toContain('createSecret finished');
  });

  it('repeats the login while a proxy rejects the new password', async () => {
    orders.rotate = (rotation) => {
      successfulRotation(fixture.cluster)(rotation);
      rotation.at(1800, () => fixture.cluster.setByHand('app', OLD_PASSWORD));
      rotation.at(8000, () => fixture.cluster.setByHand('app', NEW_PASSWORD));
    };

    expect((await fixture.run(['rotate', 'orders'])).code).toBe(0);
  });

  it('continues with a note if it may not read the log of the function', async () => {
    orders.logError = 'access-denied';

    const { code, err } = await fixture.run(['rotate', 'orders']);

    expect(code).toBe(0);
    expect(err.match(/note: The function's log cannot be read/g)).toHaveLength(1);
    expect(fixture.aws.calls.filter((call) => call === 'FilterLogEvents')).toHaveLength(1);
  });
});

describe('the login after a rotation', () => {
  it('leads to exit code 130 if Ctrl-C comes while the cluster does not answer it', async () => {
    fixture.cluster.authenticates = async ({ endpoint }) => {
      fixture.interruption.abort();
      throw new ClusterUnavailableError('no-answer', endpoint, 'gRPC 4: Deadline exceeded');
    };
    expect((await fixture.run(['rotate', 'orders'])).code).toBe(130);
  });

  it('is not tried if the new version names another host, which leads to exit code 7', async () => {
    const elsewhere = 'https://in01-other.aws-us-west-2.vectordb.zillizcloud.com:19530';
    orders.rotate = successfulRotation(fixture.cluster, documentOf(NEW_PASSWORD, { endpoint: elsewhere }));
    // Otherwise the command logs in before the rotation, to find a placeholder.
    orders.store.lastRotatedAt = fixture.clock.now();

    const { code, document } = await fixture.runJson('rotate', 'orders');

    expect(code).toBe(7);
    expect(document.secrets[0].error.code).toBe('other-user');
    expect(fixture.cluster.received).toEqual([]);
  });
});
