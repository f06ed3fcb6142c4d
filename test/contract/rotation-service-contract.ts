import { describe, expect, it } from 'vitest';
import type { RotationService } from '../../cli/aws/aws.ts';

/**
 * Declares the tests of the tags that every {@link RotationService} passes, real or in memory.
 *
 * @param create makes a new secret without tags, and returns its name or ARN
 */
export function secretTagsContract(
  name: string,
  create: () => Promise<{ readonly service: RotationService; readonly secretId: string }>,
): void {
  describe(`${name} is a RotationService that`, () => {
    it('adds tags, replaces their values and keeps other tags', async () => {
      const { service, secretId } = await create();

      await service.tagSecret(secretId, { 'zilliz:one': 'a b', 'zilliz:two:2': 'c=24' });
      await service.tagSecret(secretId, { 'zilliz:one': 'd' });

      expect((await service.describeSecret(secretId)).tags).toEqual({ 'zilliz:one': 'd', 'zilliz:two:2': 'c=24' });
    });

    it('removes tags, also twice', async () => {
      const { service, secretId } = await create();
      await service.tagSecret(secretId, { one: 'a', two: 'b' });

      await service.untagSecret(secretId, ['one']);
      await service.untagSecret(secretId, ['one']);

      expect((await service.describeSecret(secretId)).tags).toEqual({ two: 'b' });
    });

    it('fails for a secret that does not exist', async () => {
      const { service } = await create();

      await expect(service.tagSecret('nobody/here', { one: 'a' })).rejects.toMatchObject({ kind: 'not-found' });
      await expect(service.untagSecret('nobody/here', ['one'])).rejects.toMatchObject({ kind: 'not-found' });
    });
  });
}
