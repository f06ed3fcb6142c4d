import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it, onTestFinished, type TestContext, vi } from 'vitest';
import type { Credentials } from '../../protocol/cluster/cluster.ts';
import { sentLabel } from '../../protocol/secret/versions.ts';
import { deployRotation, newSecret, passwordsOf, putValue, rotateToItsEnd } from '../support/deployed-rotation.ts';
import { leakedForms } from '../support/password-forms.ts';
import { changePasswordOutside, documentOf, newClusterUser, newPassword, restEndpoint } from '../support/servers.ts';
import { CONSUMERS, type Consumer, type ConsumerKind, commandPath } from './support/consumers/consumers.ts';

const STRATEGIES = ['single-user', 'alternating-users'] as const;
type Strategy = (typeof STRATEGIES)[number];

/** `at` is the same user, at the endpoint of the transport. The secret names this endpoint. */
async function newUser(transport: 'grpc' | 'rest'): Promise<{ user: Credentials; at: Credentials }> {
  const user = await newClusterUser('tls', ['admin']);
  return { user, at: transport === 'grpc' ? user : { ...user, endpoint: restEndpoint('tls') } };
}

function started(kind: ConsumerKind, secretId: string, { skip }: TestContext): Consumer {
  const missing = kind.commands.filter((command) => commandPath(command) === undefined);
  skip(missing.length > 0, `This machine has no ${missing.join(', ')}.`);
  const consumer = kind.start(secretId);
  onTestFinished(() => consumer.stop());
  return consumer;
}

/** Waits for the answer to a call that has started after now. */
async function moreAnswers(consumer: Consumer, { workers }: ConsumerKind): Promise<void> {
  const before = consumer.answers;
  await vi.waitFor(() => expect(consumer.answers).toBeGreaterThan(before + workers), { timeout: 30_000 });
}

describe('the examples in examples/consume', () => {
  const secrets = new Map<string, string>();

  beforeAll(async () => {
    for (const transport of ['grpc', 'rest'] as const) {
      const first = await newUser(transport);
      const [second, third] = [await newUser(transport), await newUser(transport)];
      const single = await newSecret(documentOf(first.at));
      const alternating = await newSecret(documentOf(second.at));
      const versionId = randomUUID();
      await putValue(alternating, documentOf(third.at), [sentLabel(versionId)], versionId);
      const usernames = [second.user.username, third.user.username];
      await deployRotation(
        [
          { name: single },
          { name: alternating, strategy: 'alternating-users', endpoint: second.at.endpoint.url, usernames },
        ],
        { transport },
      );
      secrets.set(`single-user ${transport}`, single).set(`alternating-users ${transport}`, alternating);
    }
  });

  const secretOf = (strategy: Strategy, { transport }: ConsumerKind): string =>
    secrets.get(`${strategy} ${transport}`) ?? '';

  // Python alone takes seconds to load pymilvus, and longer on a busy machine.
  describe.each(CONSUMERS)('$example', { timeout: 120_000 }, (kind) => {
    it.for(STRATEGIES)('has no failed call during three rotations, %s', async (strategy, context) => {
      const secret = secretOf(strategy, kind);
      const consumer = started(kind, secret, context);
      await moreAnswers(consumer, kind);
      for (let rotation = 1; rotation <= 3; rotation += 1) {
        await rotateToItsEnd(secret, `without-gap-${randomUUID()}`);
        await moreAnswers(consumer, kind);
        if (strategy === 'single-user' && consumer.clients !== undefined) {
          // Each rotation ends the token of the last client, so the example makes another client.
          await vi.waitFor(() => expect(consumer.clients).toBe(rotation + 1), { timeout: 30_000 });
        }
      }
      expect(consumer.failures).toEqual([]);
      expect(leakedForms(consumer.output, await passwordsOf(secret))).toEqual([]);
    });

    it('uses AWSPENDING while the cluster refuses AWSCURRENT, and says so if it refuses both', async (context) => {
      const { user, at } = await newUser(kind.transport);
      const secret = await newSecret(documentOf(at));
      const consumer = started(kind, secret, context);
      await moreAnswers(consumer, kind);

      const password = newPassword();
      await putValue(secret, documentOf({ ...at, password }), ['AWSPENDING']);
      await changePasswordOutside(user, { password });
      await moreAnswers(consumer, kind);
      expect(consumer.failures).toEqual([]);

      const unknown = await changePasswordOutside({ ...user, password });
      await vi.waitFor(() => expect(consumer.failures).not.toEqual([]), { timeout: 30_000 });
      const failures = consumer.failures.join('\n');
      expect(failures).toContain(`The cluster refuses the versions AWSCURRENT and AWSPENDING of ${secret}.`);
      expect(leakedForms(failures + consumer.output, [...(await passwordsOf(secret)), unknown])).toEqual([]);

      // The same client works again after a repair.
      await putValue(secret, documentOf({ ...at, password: unknown }));
      await moreAnswers(consumer, kind);
    });
  });
});
