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
  const server = await startService({ command: '/bin/sh', args: ['-c', script], cwd: folder, env: {}, logFile });
  await expect.poll(() => readFileSync(logFile, 'utf8')).toContain('started');
  expect(processesIn(folder)).toHaveLength(2);
  await server.stop(100);
  await expect.poll(() => processesIn(folder)).toEqual([]);
  expect(server.ended()).toBe('ended by SIGKILL');
});
