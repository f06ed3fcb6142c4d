import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { claim } from '../../local/cloud/claim.ts';
import { PROJECT } from '../../local/project.ts';
import { freePorts } from '../../local/servers/ports.ts';
import { identifyProcess, isRunning, type ProcessIdentity, stopProcess } from '../../local/servers/running-process.ts';

/** Starts a process that leads a group, as a server does. */
async function startShell(script: string): Promise<ProcessIdentity> {
  const child = spawn('/bin/sh', ['-c', `${script}; echo ready; exec sleep 600`], {
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await once(child.stdout, 'data');
  const identity = identifyProcess(child.pid ?? 0);
  if (identity === undefined) {
    throw new Error('The shell has ended.');
  }
  return identity;
}

describe('The identity of a process', () => {
  test('differs from the identity of another process with the same id', async () => {
    const shell = await startShell(':');
    expect(isRunning(shell)).toBe(true);
    expect(isRunning({ ...shell, started: `${shell.started}0` })).toBe(false);
    await stopProcess(shell);
    expect(isRunning(shell)).toBe(false);
  });
});

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

  test('kills a process that ignores SIGTERM', async () => {
    const stubborn = await startShell(`trap '' TERM`);
    await stopProcess(stubborn, 100);
    expect(isRunning(stubborn)).toBe(false);
  });

  test('ends the children of the process', async () => {
    const child = spawn('/bin/sh', ['-c', 'sleep 600 & echo $!; wait'], {
      detached: true,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const [leader, follower] = [identifyProcess(child.pid ?? 0), identifyProcess(Number(line.toString()))];
    if (leader === undefined || follower === undefined) {
      throw new Error('One of the two processes has ended.');
    }
    await stopProcess(leader);
    await expect.poll(() => isRunning(follower)).toBe(false);
  });
});

describe('Free ports', () => {
  test('are different and have no listener', async () => {
    const ports = await freePorts(20);
    expect(new Set(ports).size).toBe(20);
    for (const port of ports) {
      const server = createServer().listen(port);
      await once(server, 'listening');
      server.close();
    }
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
