import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { claim, isClaimed } from '../../local/cloud/claim.ts';
import { PROJECT } from '../../local/project.ts';
import { startService } from '../../local/servers/service-process.ts';
import { processesIn } from './support/processes-in.ts';

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

describe('The claim on a state folder', () => {
  const folder = join(PROJECT, '.local', `claim-${process.pid}`);

  test('belongs to one caller at a time', async () => {
    const release = await claim(folder);
    expect(release).toBeDefined();
    expect(await claim(folder)).toBeUndefined();
    expect(await isClaimed(folder)).toBe(true);
    await release?.();
    expect(await isClaimed(folder)).toBe(false);
    const again = await claim(folder);
    expect(again).toBeDefined();
    await again?.();
  });

  test('ends when its process is killed', async () => {
    const script = `import { claim, isClaimed } from '${join(PROJECT, 'local', 'cloud', 'claim.ts')}';
      await claim('${folder}-other');
      console.log('claimed');
      setInterval(() => {}, 1000);`;
    const owner = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(owner, 'exit');
    try {
      await Promise.race([once(owner.stdout, 'data'), ended]);
      expect(await claim(`${folder}-other`)).toBeUndefined();
    } finally {
      owner.kill('SIGKILL');
      await ended;
    }
    const release = await claim(`${folder}-other`);
    expect(release).toBeDefined();
    await release?.();
  });
});
