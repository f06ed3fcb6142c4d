import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { forgetRoles, readStoredRoles, rolesTag, storeRoles } from '../../../cli/aws/stored-roles.ts';
import { secretTagsContract } from '../../contract/rotation-service-contract.ts';
import { createFakeAws } from '../support/fake-aws.ts';
import { createFakeClock } from '../support/fake-clock.ts';

function createAws() {
  const aws = createFakeAws(createFakeClock());
  return { aws, tags: aws.add('orders', 'value').store.tags };
}

secretTagsContract('the fake', async () => ({ service: createAws().aws.rotation, secretId: 'orders' }));

describe('the roles in the tags of a secret', () => {
  it('are the roles that were stored, in characters that AWS guarantees', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 })), async (roles) => {
        const { aws, tags } = createAws();

        await storeRoles('orders', 'app', roles, aws);

        expect(readStoredRoles(tags, 'app')).toEqual(roles);
        for (const [key, value] of Object.entries(tags)) {
          expect(key.length).toBeLessThanOrEqual(128);
          expect(value).toMatch(/^[A-Za-z0-9 _.=-]+$/);
        }
      }),
    );
  });

  it('need several tags if they are longer than 256 characters', async () => {
    const { aws, tags } = createAws();
    const roles = Array.from({ length: 40 }, (_, index) => `role_${index}`);

    await storeRoles('orders', 'app', roles, aws);

    expect(readStoredRoles(tags, 'app')).toEqual(roles);
    expect(Object.keys(tags)).toEqual([rolesTag('app'), `${rolesTag('app')}:2`]);
    expect(Math.max(...Object.values(tags).map(({ length }) => length))).toBeLessThanOrEqual(256);
    await forgetRoles('orders', 'app', aws);
    expect(tags).toEqual({});
  });

  it('belong to one user', async () => {
    const { aws, tags } = createAws();
    await storeRoles('orders', 'app', ['reader'], aws);
    await storeRoles('orders', 'app_2', ['writer'], aws);

    expect(readStoredRoles(tags, 'app')).toEqual(['reader']);
    await forgetRoles('orders', 'app', aws);
    expect(readStoredRoles(tags, 'app_2')).toEqual(['writer']);
  });
});
