import { expect, it } from 'vitest';
import { quotaPlace, writesOf } from '../../../cli/rotate/rotate-ports.ts';
import { sentLabel } from '../../../protocol/secret/versions.ts';
import { createFixture } from '../support/command-fixture.ts';

it('counts two writes for the first rotation, and one more for each label that finishSecret removes', async () => {
  const { aws } = createFixture();
  const { store } = aws.add('orders', 'app:password');
  expect(writesOf(await aws.rotation.describeSecret('orders'))).toBe(2);

  await store.addLabel({ label: sentLabel('orders-v1'), to: 'orders-v1' });

  expect(writesOf(await aws.rotation.describeSecret('orders'))).toBe(3);
});

it('counts the writes in the account and region of the function', () => {
  expect(quotaPlace('arn:aws:lambda:eu-west-1:123456789012:function:zilliz-rotation:live')).toBe(
    '123456789012 eu-west-1',
  );
});
