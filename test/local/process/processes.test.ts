import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { claim } from '../../../local/cloud/claim.ts';
import { freePorts, isPortFree } from '../../../local/process/free-ports.ts';
import { identifyProcess, isRunning, type ProcessIdentity } from '../../../local/process/process-identity.ts';
import { stopProcess } from '../../../local/process/stop-process.ts';
import { PROJECT } from '../../../local/project.ts';

/** A process that leads a group, as our servers do. */
async function startShell(script: string): Promise<ProcessIdentity> {
  const child = spawn('/bin/sh', ['-c', `${script}; echo ready; exec sleep 600`], {
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await once(child.stdout, 'data');
  const identity = identifyProcess(child.pid ?? 0);
  if (identity === undefined) {
    throw new Error('The shell ended at once.');
  }
  return identity;
}

describe('A process that was written down', () => {
  test('is told from a later one with the same id', async () => {
    const shell = await startShell(':');
    expect(isRunning(shell)).toBe(true);
    expect(isRunning({ ...shell, started: `${shell.started}0` })).toBe(false);
    await stopProcess(shell);
    expect(isRunning(shell)).toBe(false);
  });

  test('is left alone when its id belongs to another by now', async () => {
    const other = spawn('cat', { detached: true, stdio: ['pipe', 'pipe', 'ignore'] });
    await once(other, 'spawn');
    await stopProcess({ pid: other.pid ?? 0, started: 'an earlier boot/1' });
    // A process with a signal pending would not answer any more.
    other.stdin.end('still here');
    const [answer] = (await once(other.stdout, 'data')) as [Buffer];
    expect(answer.toString()).toBe('still here');
  });

  test('is killed when it does not end politely', async () => {
    const stubborn = await startShell(`trap '' TERM`);
    await stopProcess(stubborn, 100);
    expect(isRunning(stubborn)).toBe(false);
  });

  test('takes along what it has started', async () => {
    const child = spawn('/bin/sh', ['-c', 'sleep 600 & echo $!; wait'], {
      detached: true,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const [leader, follower] = [identifyProcess(child.pid ?? 0), identifyProcess(Number(line.toString()))];
    if (leader === undefined || follower === undefined) {
      throw new Error('One of the two ended at once.');
    }
    await stopProcess(leader);
    await expect.poll(() => isRunning(follower)).toBe(false);
  });
});

describe('Free ports', () => {
  test('are different, and nobody listens on them', async () => {
    const ports = await freePorts(20);
    expect(new Set(ports).size).toBe(20);
    expect(await Promise.all(ports.map(isPortFree))).toEqual(ports.map(() => true));
  });

  test('do not include one on which somebody listens on loopback alone', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    expect(await isPortFree(typeof address === 'object' ? (address?.port ?? 0) : 0)).toBe(false);
    server.close();
  });
});

describe('The claim on a state folder', () => {
  const folder = join(PROJECT, '.local', `claim-${process.pid}`);

  test('belongs to one at a time', async () => {
    const release = await claim(folder);
    expect(release).toBeDefined();
    expect(await claim(folder)).toBeUndefined();
    await release?.();
    const again = await claim(folder);
    expect(again).toBeDefined();
    await again?.();
  });

  test('ends with the process that has it, however that ends', async () => {
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
