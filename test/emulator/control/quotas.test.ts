import { expect, test } from 'vitest';
import { localAws } from '../support/local-aws.ts';

const aws = localAws({ quota: 1 });

test('throttles the writes above the quota, and counts them', async () => {
  const SecretId = await aws.secret();
  await aws.control('DELETE', 'calls');

  const results = await Promise.allSettled(
    Array.from({ length: 20 }, async () => {
      await aws.secrets.putSecretValue({ SecretId, SecretString: 'value', VersionStages: ['OWN'] });
    }),
  );

  const refusals = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as Error] : []));
  expect(refusals.length).toBeGreaterThan(0);
  expect(results[0]?.status).toBe('fulfilled');
  expect(new Set(refusals.map(({ name }) => name))).toEqual(new Set(['ThrottlingException']));
  expect(await aws.control('GET', 'calls')).toMatchObject({ throttled: refusals.length });
});
