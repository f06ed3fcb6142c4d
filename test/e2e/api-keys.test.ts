import { HttpClient } from '@zilliz/milvus2-sdk-node';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { killWorkersOf } from '../../bench/cloud/function-workers.ts';
import { httpFront } from '../../bench/performance/front.ts';
import { type KeyCloud, startKeyCloud } from '../../local/api-keys/key-cloud.ts';
import { withLocalMilvus } from '../../local/servers/milvus-client.ts';
import { labelsOf, rotateToItsEnd } from '../support/deployed-rotation.ts';
import { logGroupOf, logLinesIn } from '../support/function-log.ts';
import { deployKeySecret, type KeySecret } from '../support/key-secret.ts';
import { leakedForms } from '../support/password-forms.ts';
import { servers } from '../support/servers.ts';
import { createPoints } from '../support/vector-collection.ts';
import { runCommand } from './support/operator-command.ts';

/** An application with one key. Works on a collection of its own. */
type Work = (keys: KeyCloud, token: string, collection: string, id: number) => Promise<void>;

const row = (id: number) => ({ id, place: [id, 0] });

const WORK: Readonly<Record<'grpc' | 'rest', Work>> = {
  grpc: ({ endpoint }, token, collection_name, id) =>
    withLocalMilvus({ endpoint }, token, async (client) => {
      expect(await client.insert({ collection_name, data: [row(id)] })).toMatchObject({ insert_cnt: '1' });
      const { results } = await client.search({ collection_name, data: row(id).place, limit: 1 });
      expect(results).toMatchObject([{ id: String(id) }]);
    }),
  rest: async ({ restEndpoint }, token, collectionName, id) => {
    const client = new HttpClient({ endpoint: restEndpoint, token });
    expect(await client.insert({ collectionName, data: [row(id)] })).toMatchObject({ code: 0 });
    const found = await client.search({ collectionName, data: [row(id).place], limit: 1 } as never);
    expect(found).toMatchObject({ code: 0, data: [{ id: String(id) }] });
  },
};

/** The code of a refused credential: of gRPC, and of HTTP. */
const REFUSED = { grpc: { code: 16 }, rest: { status: 401 } };

async function newCollection({ endpoint, createKey }: KeyCloud): Promise<string> {
  return await withLocalMilvus({ endpoint }, createKey().key, createPoints);
}

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

describe('the deployed function rotates an API key', () => {
  let keys: KeyCloud;
  let collection: string;

  beforeAll(async () => {
    keys = await startKeyCloud(servers().access.milvus.plaintext);
    collection = await newCollection(keys);
  });

  afterAll(() => keys.close());

  it.each(['grpc', 'rest'] as const)(
    'by %s, and an application works with each key until its end',
    async (transport) => {
      const rotated = await deployKeySecret(servers(), keys, { transport });
      const { secret, functionName, first } = rotated;
      onTestFinished(() => secret.close());
      const work = async (token: string, id: number): Promise<void> => WORK[transport](keys, token, collection, id);
      const endpoint = transport === 'grpc' ? keys.endpoint : keys.restEndpoint;
      const before = await documentIn(rotated);
      expect(before).toEqual({ endpoint, apiKeyId: first.id, apiKey: first.key, token: first.key });
      await work(first.key, 1);

      const token = await rotateToItsEnd(secret.name);
      const second = await documentIn(rotated);
      expect(await labelsOf(secret.name)).toMatchObject({ AWSCURRENT: token });
      expect(second).toEqual({
        endpoint,
        apiKeyId: expect.not.stringMatching(first.id),
        apiKey: second['token'],
        token: expect.not.stringMatching(first.key),
      });
      expect(await documentIn(rotated, 'AWSPREVIOUS')).toEqual(before);
      await work(first.key, 2);
      await work(second['token'] ?? '', 3);

      await rotateToItsEnd(secret.name);
      const third = await documentIn(rotated);
      await expect(work(first.key, 4)).rejects.toMatchObject(REFUSED[transport]);
      await work(second['token'] ?? '', 5);
      await work(third['token'] ?? '', 6);

      const { out } = await runCommand('history', secret.name, '--json');
      expect((JSON.parse(out) as { rotations: object[] }).rotations.slice(-2)).toMatchObject([
        { createdKey: second['apiKeyId'], deletedKeys: [] },
        { createdKey: third['apiKeyId'], deletedKeys: [{ apiKeyId: first.id, why: 'replaced' }] },
      ]);

      const used = [first.key, second['token'] ?? '', third['token'] ?? '', keys.managerKey];
      expect(new Set(used).size).toBe(4);
      const lines = await logLinesIn(await logGroupOf(functionName));
      expect(lines.join('\n')).toContain('finishSecret');
      expect(leakedForms(lines.join('\n'), used)).toEqual([]);
    },
  );
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
      let rotated: KeySecret | undefined;
      let refusals = 0;
      /** How many calls pass before the one at which the process is killed. */
      let remaining = Number.POSITIVE_INFINITY;
      const checkApplications = async (): Promise<void> => {
        const { token = '' } = rotated === undefined ? { token: foreign.key } : await documentIn(rotated);
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
      const aws = await httpFront(servers().access.awsUrl, pass);
      const controlPlane = await httpFront(keys.controlPlaneUrl, pass);
      onEnd(async () => {
        rotated?.secret.close();
        aws.close();
        controlPlane.close();
        await keys.close();
      });
      const environment = { AWS_ENDPOINT_URL_SECRETS_MANAGER: aws.url, CONTROL_PLANE_URL: controlPlane.url };
      rotated = await deployKeySecret(servers(), keys, { environment });
      const { secret } = rotated;
      const attempt = async (): Promise<void> => {
        await secret.limitAttempts();
        await secret.startAttempt();
        await secret.reaches('idle');
        await checkApplications();
      };

      // From the second rotation on, each rotation deletes a key.
      await attempt();
      await attempt();
      for (const front of [aws, controlPlane]) {
        front.forget();
      }
      await attempt();
      expect(aws.answered.map(({ name }) => name)).toEqual(AWS_CALLS);
      expect(controlPlane.answered).toHaveLength(CONTROL_PLANE_CALLS);
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
    },
  );
});
