import { expect, it, vi } from 'vitest';
import { putRotatedEvent } from '../../adapters/eventbridge.ts';
import { type RestAnswer, type RestServer, restServer } from './support/rest-server.ts';

const EVENT = {
  secretArn: 'arn:aws:secretsmanager:us-east-1:000000000000:secret:orders-Ab12Cd',
  secretName: 'orders',
  versionId: 't1',
  rotatedAt: '2026-01-31T09:00:00.123Z',
};

/** EventBridge on this machine, with the configuration of its client. */
async function eventBridge(answer?: RestAnswer): Promise<RestServer & { config: object }> {
  const server = await restServer(() => answer);
  const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'example' };
  return { ...server, config: { endpoint: server.endpoint.url, region: 'us-east-1', credentials } };
}

it('sends one entry to the default bus, on a connection that is closed afterwards', async () => {
  const { config, calls, connections } = await eventBridge({
    status: 200,
    body: { FailedEntryCount: 0, Entries: [{ EventId: '1' }] },
  });
  await putRotatedEvent(EVENT, 5000, config);
  const Entries = [{ Source: 'zilliz.rotation', DetailType: 'Credential Rotated', Detail: JSON.stringify(EVENT) }];
  expect(calls.map(({ body }) => JSON.parse(body))).toEqual([{ Entries }]);
  await vi.waitFor(() => expect(connections.map(({ destroyed }) => destroyed)).toEqual([true]));
});

it('throws the code of an entry that EventBridge refuses with status 200', async () => {
  const Entries = [{ ErrorCode: 'ThrottlingException', ErrorMessage: 'slow' }];
  const { config } = await eventBridge({ status: 200, body: { FailedEntryCount: 1, Entries } });
  await expect(putRotatedEvent(EVENT, 5000, config)).rejects.toMatchObject({ name: 'ThrottlingException' });
});

it('throws the code with which EventBridge denies the call', async () => {
  const { config, calls } = await eventBridge({ status: 400, body: { __type: 'AccessDeniedException' } });
  await expect(putRotatedEvent(EVENT, 5000, config)).rejects.toMatchObject({ name: 'AccessDeniedException' });
  expect(calls).toHaveLength(1);
});

it('gives up at the time limit if EventBridge takes the request and never answers', async () => {
  const { config, calls } = await eventBridge();
  const started = performance.now();
  await expect(putRotatedEvent(EVENT, 300, config)).rejects.toMatchObject({ name: 'AbortError' });
  expect(performance.now() - started).toBeLessThan(3000);
  expect(calls.length).toBeLessThanOrEqual(1);
});
