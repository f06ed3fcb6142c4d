import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { bringDown, bringUp } from '../../local/cloud/background.ts';
import {
  type CloudRecord,
  environmentFileOf,
  readCloudState,
  recordFileOf,
  removeAbandonedStates,
  writeRecord,
} from '../../local/cloud/state.ts';
import { LOCAL } from '../../local/project.ts';
import { logIn } from '../../local/servers/milvus-client.ts';
import { identifyProcess, isRunning } from '../../local/servers/running-process.ts';

const folder = join(LOCAL, `test-background-${process.pid}`);
const stateDir = join(folder, 'cloud');

afterAll(async () => {
  await bringDown(stateDir);
  rmSync(folder, { recursive: true, force: true });
});

function record(): Required<CloudRecord> {
  const state = readCloudState(stateDir);
  if (state.kind === 'none' || state.record.running === undefined) {
    throw new Error('The cloud does not run.');
  }
  return { owner: state.record.owner, running: state.record.running };
}

function processes(): ReturnType<typeof record>['owner'][] {
  const { owner, running } = record();
  return [owner, running.emulator, ...running.milvus];
}

function isDeleted(): boolean {
  return ![stateDir, recordFileOf(stateDir), environmentFileOf(stateDir)].some((path) => existsSync(path));
}

describe('A local cloud in the background', () => {
  test('starts once if two callers start it at the same time', async () => {
    const [first, second] = await Promise.all([bringUp(stateDir), bringUp(stateDir)]);
    expect(first.access).toEqual(second.access);
    expect(processes().every(isRunning)).toBe(true);
    const { tls } = first.access.milvus;
    expect(await logIn(tls, `root:${tls.rootPassword}`)).toBe('accepted');
  });

  test('does not change if it runs already', async () => {
    const before = record();
    expect((await bringUp(stateDir)).kind).toBe('already-up');
    expect(record()).toEqual(before);
  });

  test('restarts if one of its servers has ended', async () => {
    const before = processes();
    const [lost] = record().running.milvus;
    process.kill(lost?.pid ?? 0, 'SIGKILL');
    await expect.poll(() => lost && isRunning(lost)).toBe(false);
    expect((await bringUp(stateDir)).kind).toBe('restarted');
    expect(before.filter(isRunning)).toEqual([]);
    expect(processes().every(isRunning)).toBe(true);
  });

  test('ends when its owner is killed, and its files are deleted later', async () => {
    const all = processes();
    process.kill(record().owner.pid, 'SIGKILL');
    await expect.poll(() => all.filter(isRunning), { timeout: 10_000 }).toEqual([]);
    expect(readCloudState(stateDir).kind).toBe('abandoned');
    expect(await bringDown(stateDir)).toBe('cleaned');
    expect(isDeleted()).toBe(true);
  });

  test('stops with all its servers', async () => {
    expect((await bringUp(stateDir)).kind).toBe('started');
    const all = processes();
    expect(await bringDown(stateDir)).toBe('stopped');
    expect(all.filter(isRunning)).toEqual([]);
    expect(isDeleted()).toBe(true);
  });

  test('cannot be stopped if it does not run', async () => {
    expect(await bringDown(stateDir)).toBe('not-running');
  });
});

test('The next command deletes the state folder of an ended owner, and of no other', async () => {
  const [ended, owned] = [join(folder, 'ended'), join(folder, 'owned')];
  const owner = identifyProcess(process.pid);
  if (owner === undefined) {
    throw new Error('This process is not in /proc.');
  }
  for (const left of [ended, owned]) {
    mkdirSync(left, { recursive: true });
  }
  writeRecord(ended, { owner: { pid: 1, started: 'an earlier boot/1' } });
  writeRecord(owned, { owner });
  await removeAbandonedStates(folder);
  expect([ended, owned].map((left) => existsSync(left))).toEqual([false, true]);
});
