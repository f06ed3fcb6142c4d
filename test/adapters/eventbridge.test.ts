import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { putRotatedEvent } from '../../adapters/eventbridge.ts';

const EVENT = {
  secretArn: 'arn:aws:secretsmanager:us-east-1:000000000000:secret:orders-Ab12Cd',
  secretName: 'orders',
  versionId: 't1',
  rotatedAt: '2026-01-31T09:00:00.123Z',
};

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** EventBridge on this machine. @returns the configuration of its client, and the requests */
async function eventBridge(answer: Answer): Promise<{ config: object; bodies: unknown[] }> {
  const bodies: unknown[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    request.on('end', () => {
      bodies.push(JSON.parse(text));
      answer(request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'example' };
  return { config: { endpoint, region: 'us-east-1', credentials }, bodies };
}

it('sends one entry to the default bus', async () => {
  const { config, bodies } = await eventBridge((_, response) =>
    response.end('{"FailedEntryCount":0,"Entries":[{"EventId":"1"}]}'),
  );
  await putRotatedEvent(EVENT, 5000, config);
  const Entries = [{ Source: 'zilliz.rotation', DetailType: 'Credential Rotated', Detail: JSON.stringify(EVENT) }];
  expect(bodies).toEqual([{ Entries }]);
});

it('throws the code of an entry that EventBridge refuses with status 200', async () => {
  const { config } = await eventBridge((_, response) =>
    response.end('{"FailedEntryCount":1,"Entries":[{"ErrorCode":"ThrottlingException","ErrorMessage":"slow"}]}'),
  );
  await expect(putRotatedEvent(EVENT, 5000, config)).rejects.toMatchObject({ name: 'ThrottlingException' });
});

it('throws the code with which EventBridge denies the call', async () => {
  const { config, bodies } = await eventBridge((_, response) => {
    response.writeHead(400, { 'content-type': 'application/x-amz-json-1.1' });
    response.end('{"__type":"AccessDeniedException","message":"no"}');
  });
  await expect(putRotatedEvent(EVENT, 5000, config)).rejects.toMatchObject({ name: 'AccessDeniedException' });
  expect(bodies).toHaveLength(1);
});

it('gives up at the time limit if EventBridge takes the request and never answers', async () => {
  const { config, bodies } = await eventBridge(() => undefined);
  const started = performance.now();
  await expect(putRotatedEvent(EVENT, 300, config)).rejects.toMatchObject({ name: 'AbortError' });
  expect(performance.now() - started).toBeLessThan(3000);
  expect(bodies.length).toBeLessThanOrEqual(1);
});

it('gives up at the time limit if no answer but errors come', async () => {
  const { config } = await eventBridge((_, response) => response.writeHead(503).end());
  const started = performance.now();
  await expect(putRotatedEvent(EVENT, 400, config)).rejects.toThrow();
  expect(performance.now() - started).toBeLessThan(3000);
});
