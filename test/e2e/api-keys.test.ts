import { HttpClient } from '@zilliz/milvus2-sdk-node';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type KeyCloud, startKeyCloud } from '../../local/api-keys/key-cloud.ts';
import { killWorkersOf } from '../../local/cloud/lambda-function.ts';
import { type ForwardedAnswer, type HttpCall, httpFront } from '../../local/servers/http-front.ts';
import { expectSuccess, withLocalMilvus } from '../../local/servers/milvus-client.ts';
import { listenOnLoopback } from '../../local/servers/ports.ts';
import { logGroupOf, logLinesIn } from '../support/function-log.ts';
import { deployKeySecret, type KeySecret } from '../support/key-secret.ts';
import { leakedForms } from '../support/password-forms.ts';
import { servers, uniqueName } from '../support/servers.ts';

/** The calls of a rotation that deletes a key. docs/performance.md has their number. */
const AWS_CALLS = [
  ...['DescribeSecret', 'GetSecretValue', 'GetSecretValue', 'GetSecretValue', 'PutSecretValue'],
  ...['DescribeSecret', 'GetSecretValue'],
  ...['UpdateSecretVersionStage', 'DescribeSecret', 'ListSecretVersionIds', 'GetSecretValue', 'GetSecretValue'],
  'UpdateSecretVersionStage',
];

/** List and create, list, list and delete. */
const CONTROL_PLANE_CALLS = 5;

/** The document in a version, as an application reads it. */
async function documentIn({ secret }: KeySecret, VersionStage = 'AWSCURRENT'): Promise<Record<string, string>> {
  return JSON.parse(await secret.value({ VersionStage })) as Record<string, string>;
}

it('an application writes and searches rows over REST with an API key, until the key is deleted', async () => {
  const keys = await startKeyCloud(servers().access.milvus.plaintext);
  onTestFinished(() => keys.close());
  const { id, key } = keys.createKey();
  const collectionName = uniqueName('points');
  await withLocalMilvus(keys, key, async (milvus) => {
    const quick = { collection_name: collectionName, dimension: 2, consistency_level: 'Strong' } as const;
    expectSuccess('createCollection', await milvus.createCollection(quick));
  });
  const client = new HttpClient({ endpoint: keys.restEndpoint, token: key });
  const insert = (): Promise<unknown> => client.insert({ collectionName, data: [{ id: 1, vector: [1, 0] }] });
  expect(await insert()).toMatchObject({ code: 0 });
  const found = await client.search({ collectionName, data: [[1, 0]], limit: 1 } as never);
  expect(found).toMatchObject({ code: 0, data: [{ id: '1' }] });
  keys.revoke(id);
  await expect(insert()).rejects.toMatchObject({ status: 401 });
});

describe('a rotation of an API key that is killed', () => {
  /** The ids of all keys of the organization. */
  async function idsIn({ controlPlaneUrl, managerKey }: KeyCloud): Promise<string[]> {
    const headers = { Authorization: `Bearer ${managerKey}` };
    const answer = await fetch(`${controlPlaneUrl}/v2/api-keys?pageSize=100`, { headers });
    const { data } = (await answer.json()) as { data: { apiKeys: Array<{ apiKeyId: string }> } };
    return data.apiKeys.map(({ apiKeyId }) => apiKeyId).toSorted();
  }

  async function isAccepted({ restEndpoint }: KeyCloud, token: string): Promise<boolean> {
    const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
    const url = `${restEndpoint}/v2/vectordb/collections/list`;
    const answer = await fetch(url, { method: 'POST', headers, body: '{}' });
    return ((await answer.json()) as { code: number }).code === 0;
  }

  it.concurrent.for(['before', 'after'] as const)(
    '%s any call to AWS or to the control plane refuses no application, and the next attempt leaves no key behind',
    async (point, { onTestFinished: onEnd }) => {
      const keys = await startKeyCloud(servers().access.milvus.plaintext);
      const foreign = keys.createKey({ name: 'of another owner' });
      const others = await idsIn(keys);
      const used = new Set([keys.managerKey]);
      let rotated: KeySecret | undefined;
      let refusals = 0;
      /** How many calls pass before the one at which the process is killed. */
      let remaining = Number.POSITIVE_INFINITY;
      const checkApplications = async (): Promise<void> => {
        const { token = '' } = rotated === undefined ? { token: foreign.key } : await documentIn(rotated);
        used.add(token);
        for (const key of [token, foreign.key]) {
          refusals += (await isAccepted(keys, key)) ? 0 : 1;
        }
      };
      const pass = async (at: 'before' | 'after'): Promise<void> => {
        if (at === point) {
          await checkApplications();
          if (remaining-- === 0) {
            expect(killWorkersOf(rotated?.functionName ?? '')).toBeGreaterThan(0);
            throw new Error('killed');
          }
        }
      };
      const calls: string[] = [];
      const answer = async ({ name, forward }: HttpCall): Promise<ForwardedAnswer> => {
        await pass('before');
        const answered = await forward();
        await pass('after');
        calls.push(name);
        return answered;
      };
      const aws = await listenOnLoopback(httpFront(servers().access.awsUrl, answer));
      const controlPlane = await listenOnLoopback(httpFront(keys.controlPlaneUrl, answer));
      onEnd(async () => {
        await Promise.all([aws.stop(), controlPlane.stop(), keys.close()]);
      });
      const environment = { AWS_ENDPOINT_URL_SECRETS_MANAGER: aws.url, CONTROL_PLANE_URL: controlPlane.url };
      rotated = await deployKeySecret(keys, { environment });
      const { secret } = rotated;
      const attempt = async (): Promise<void> => {
        await secret.attempt();
        await checkApplications();
      };

      // From the second rotation on, each rotation deletes a key.
      await attempt();
      await attempt();
      calls.length = 0;
      await attempt();
      expect(calls.filter((name) => AWS_CALLS.includes(name))).toEqual(AWS_CALLS);
      expect(calls).toHaveLength(AWS_CALLS.length + CONTROL_PLANE_CALLS);
      let killed = 0;
      for (; ; killed += 1) {
        remaining = killed;
        await attempt();
        if (remaining >= 0) {
          // The rotation made fewer calls, so it completed.
          break;
        }
        remaining = Number.POSITIVE_INFINITY;
        await attempt();
        const named = [await documentIn(rotated), await documentIn(rotated, 'AWSPREVIOUS')];
        const expected = [...others, ...named.map(({ apiKeyId = '' }) => apiKeyId)].toSorted();
        expect(await idsIn(keys), `killed ${point} call ${killed}`).toEqual(expected);
        expect(await secret.unfinishedToken()).toBeUndefined();
      }
      expect(killed).toBe(AWS_CALLS.length + CONTROL_PLANE_CALLS);
      expect(refusals).toBe(0);
      const log = (await logLinesIn(await logGroupOf(rotated.functionName))).join('\n');
      expect(log).toContain('finishSecret');
      expect(leakedForms(log, used)).toEqual([]);
    },
  );
});
