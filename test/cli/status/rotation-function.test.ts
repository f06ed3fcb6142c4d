import { describe, expect, it } from 'vitest';
import { OFF_ON_PURPOSE } from '../../../protocol/secret/rotated-secrets.ts';
import { fixture, orders, useOrders } from '../support/orders-fixture.ts';
import { leavePending } from '../support/repair-fixture.ts';

useOrders();

const FUNCTION = 'arn:aws:lambda:us-east-1:000000000000:function:zilliz-rotation';

async function statusOf(): Promise<{ code: number; text: string }> {
  const { code, out } = await fixture.run(['status', 'orders']);
  return { code, text: out.replaceAll(/\s+/g, ' ') };
}

describe('status', () => {
  it.each([
    ['no policy', []],
    ['another account', [{ ...invocation(), Condition: { StringEquals: { 'aws:SourceAccount': '111122223333' } } }]],
    ['another service', [{ ...invocation(), Principal: { Service: 'events.amazonaws.com' } }]],
    ['another action', [{ ...invocation(), Action: 'lambda:GetFunction' }]],
    ['a refusal', [{ ...invocation(), Effect: 'Deny' }]],
  ])('reports a function that Secrets Manager may not invoke: %s', async (_, policy) => {
    fixture.aws.inspection.account.policy = policy;

    const { code, text } = await statusOf();

    expect(code).toBe(3);
    expect(text).toContain('(function-not-invocable)');
    expect(text).toContain(
      `aws lambda add-permission --function-name ${FUNCTION} --statement-id SecretsManager --action ` +
        'lambda:InvokeFunction --principal secretsmanager.amazonaws.com --source-account 000000000000',
    );
  });

  it.each<[number, string, () => unknown]>([
    [3, 'somebody cancelled the rotation', () => undefined],
    [0, 'it is off on purpose', () => Object.assign(orders.store.tags, { [OFF_ON_PURPOSE.key]: OFF_ON_PURPOSE.value })],
    [3, 'its stack was removed', () => Object.assign(fixture.aws.inspection.account, { rotationFunction: undefined })],
    [0, 'it was never configured', () => Object.assign(orders, { rotationFunctionArn: undefined })],
  ])('exits with %i if rotation is off, and %s. repair exits with 0, and says so', async (exitCode, _, prepare) => {
    orders.store.rotationEnabled = false;
    prepare();

    const { code, text } = await statusOf();

    expect(code).toBe(exitCode);
    expect(text).toContain('(rotation-off');
    const repaired = await fixture.run(['repair', 'orders']);
    expect(repaired.code).toBe(0);
    expect(repaired.out).toMatch(/^ {2}next {7}Rotation /m);
  });

  it('advises repair before the deployment that restores the function, if a rotation is incomplete', async () => {
    fixture.aws.inspection.account.rotationFunction = undefined;
    const repair = '`zilliz-rotation repair orders`';
    expect((await statusOf()).text).not.toContain(repair);
    await leavePending(orders);

    expect((await statusOf()).text).toContain(repair);
  });

  it('accepts a permission for every account', async () => {
    fixture.aws.inspection.account.policy = [invocation()];
    expect((await statusOf()).code).toBe(0);
  });

  it.each([['GetFunctionConfiguration'], ['GetPolicy']])(
    'does not know the function if AWS denies %s',
    async (action) => {
      fixture.aws.failing.set(action, 'access-denied');

      const { code, text } = await statusOf();

      expect(code).toBe(0);
      expect(text).toMatch(new RegExp(` note .*${action}`));
    },
  );
});

function invocation() {
  return {
    Effect: 'Allow',
    Principal: { Service: 'secretsmanager.amazonaws.com' },
    Action: 'lambda:InvokeFunction',
  };
}
