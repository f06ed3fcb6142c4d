import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { claim } from '../../local/cloud/claim.ts';
import { PROJECT } from '../../local/project.ts';
import { identifyProcess, isRunning, stopProcess } from '../../local/servers/running-process.ts';

describe('The stop of a process', () => {
  test('does nothing if another process has its id', async () => {
    const other = spawn('cat', { detached: true, stdio: ['pipe', 'pipe', 'ignore'] });
    await once(other, 'spawn');
    await stopProcess({ pid: other.pid ?? 0, started: 'an earlier boot/1' });
    // A process that got a signal would not answer.
    other.stdin.end('still here');
    const [answer] = (await once(other.stdout, 'data')) as [Buffer];
    expect(answer.toString()).toBe('still here');
  });

  test('kills a process that ignores SIGTERM, and its children', async () => {
    const child = spawn('/bin/sh', ['-c', `trap '' TERM; sleep 600 & echo $!; wait`], {
      detached: true,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const [leader, follower] = [identifyProcess(child.pid ?? 0), identifyProcess(Number(line.toString()))];
    if (leader === undefined || follower === undefined) {
      throw new Error('One of the two processes has ended.');
    }
    await stopProcess(leader, 100);
    expect(isRunning(leader)).toBe(false);
    await expect.poll(() => isRunning(follower)).toBe(false);
  });
});

describe('The claim on a state folder', () => {
  const folder = join(PROJECT, '.local', `claim-${process.pid}`);

  test('belongs to one caller at a time', async () => {
    const release = await claim(folder);
    expect(release).toBeDefined();
    expect(await claim(folder)).toBeUndefined();
    await release?.();
    const again = await claim(folder);
    expect(again).toBeDefined();
    await again?.();
  });

  test('ends when its process is killed', async () => {
    const script = `import { claim } from '${join(PROJECT, 'local', 'cloud', 'claim.ts')}';
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
