import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startService } from '../../local/servers/service-process.ts';
import { processesIn } from './processes-in.ts';

test('The stop of a server kills one that ignores SIGTERM, and its children', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'service-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const logFile = join(folder, 'log');
  const script = `trap '' TERM; sleep 600 & echo started; wait`;
  const server = await startService({
    name: 'A server',
    command: ['/bin/sh', '-c', script],
    cwd: folder,
    env: {},
    logFile,
    isReady: async () => readFileSync(logFile, 'utf8').includes('started'),
    readyWithinMs: 10_000,
    stopWithinMs: 100,
  });
  expect(processesIn(folder)).toHaveLength(2);
  await server.stop();
  await expect.poll(() => processesIn(folder)).toEqual([]);
  expect(await server.exited).toBe('ended by SIGKILL');
});
