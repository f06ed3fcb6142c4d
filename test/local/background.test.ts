import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { bringDown, bringUp } from '../../local/cloud/background.ts';
import { claim, isClaimed } from '../../local/cloud/claim.ts';
import {
  environmentFileOf,
  readRunningCloud,
  recordFileOf,
  removeAbandonedStates,
  writeRecord,
} from '../../local/cloud/state.ts';
import { LOCAL } from '../../local/project.ts';
import { logInWithToken } from '../../local/servers/milvus-client.ts';
import { processesIn } from './processes-in.ts';

const folder = join(LOCAL, `test-background-${process.pid}`);
const stateDir = join(folder, 'cloud');

afterAll(async () => {
  await bringDown(stateDir);
  rmSync(folder, { recursive: true, force: true });
});

function expectDeleted(): void {
  const files = [stateDir, recordFileOf(stateDir), environmentFileOf(stateDir)];
  expect(files.filter((path) => existsSync(path))).toEqual([]);
}

const noProcess = () => expect.poll(() => processesIn(stateDir), { timeout: 10_000 }).toEqual([]);

describe('A local cloud in the background', () => {
  test('starts once, and does not change afterwards', async () => {
    const first = await bringUp(stateDir);
    const { tls } = first.access.milvus;
    expect(await logInWithToken(tls, `root:${tls.rootPassword}`)).toBe('accepted');
    expect(await bringUp(stateDir)).toEqual({ ...first, kind: 'already-up' });
  });

  test('writes a shell script that directs the command to it', async () => {
    const { access } = await bringUp(stateDir);
    const script = `. ${environmentFileOf(stateDir)} && echo $AWS_ENDPOINT_URL $ALLOWED_ENDPOINTS $CLUSTER_CA_FILE $CONTROL_PLANE_URL $no_proxy`;
    const env = { no_proxy: 'other.example' };
    expect(execFileSync('sh', ['-c', script], { encoding: 'utf8', env }).trim().split(' ')).toEqual([
      access.awsUrl,
      '127.0.0.1,localhost',
      access.caFile,
      access.apiKeys.controlPlaneUrl,
      '127.0.0.1,localhost,other.example',
    ]);
  });

  test('ends with all its servers and files when one of its servers ends', async () => {
    const [server = 0] = processesIn(join(stateDir, 'milvus-tls'));
    process.kill(server, 'SIGKILL');
    await noProcess();
    expectDeleted();
    expect((await bringUp(stateDir)).kind).toBe('started');
  });

  test('ends when its owner is killed, and its files are deleted later', async () => {
    process.kill((await readRunningCloud(stateDir))?.ownerPid ?? 0, 'SIGKILL');
    await noProcess();
    // The kernel can end the servers before it frees the name that the owner has claimed.
    await expect.poll(() => isClaimed(stateDir)).toBe(false);
    expect(existsSync(stateDir)).toBe(true);
    expect(await bringDown(stateDir)).toBe(false);
    expectDeleted();
  });

  test('stops with all its servers, and then cannot be stopped', async () => {
    await bringUp(stateDir);
    expect(await bringDown(stateDir)).toBe(true);
    await noProcess();
    expectDeleted();
    expect(await bringDown(stateDir)).toBe(false);
  });
});

test('The next command deletes the state folder of an ended owner, and of no other', async () => {
  const [ended, owned, other] = ['ended', 'owned', 'other'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  for (const left of [ended, owned]) {
    mkdirSync(left, { recursive: true });
    writeRecord(left, { ownerPid: process.pid });
  }
  writeFileSync(other, '');
  const release = await claim(owned);
  await removeAbandonedStates(folder);
  expect([ended, owned, other].map((left) => existsSync(left))).toEqual([false, true, true]);
  await release?.();
});
