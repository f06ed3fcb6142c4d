import { rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeLimitedNode } from '../../../bench/memory/limited-node.ts';
import { Subject } from '../../../bench/memory/subject.ts';
import { type LocalCloud, startLocalCloud } from '../../../local/local-cloud.ts';
import { LOCAL, NODE_BIN } from '../../../local/project.ts';

/**
 * A cloud whose functions run with V8's limits for their memory size. V8 ends a worker that
 * exceeds them.
 */
let cloud: LocalCloud;
let subject: Subject;

const PROGRAMS = join(LOCAL, `limited-node-${process.pid}`);

beforeAll(async () => {
  writeLimitedNode(PROGRAMS, [], undefined);
  cloud = await startLocalCloud({
    stateDir: join(LOCAL, `limited-${process.pid}`),
    emulator: { env: { PATH: [PROGRAMS, NODE_BIN, process.env['PATH']].join(delimiter) } },
  });
  subject = await Subject.in(cloud);
});

afterAll(async () => {
  await cloud?.stop();
  rmSync(PROGRAMS, { recursive: true, force: true });
});

/** Rotates with this memory size, then once more with enough memory. */
async function rotateWith(memoryMb: number): Promise<string | undefined> {
  await subject.setMemory(memoryMb);
  const { failedStep } = await subject.rotate({ isCold: true });
  await subject.setMemory(1024);
  expect((await subject.rotate({ isCold: true })).failedStep).toBeUndefined();
  expect(await subject.applicationsLogIn()).toBe(true);
  return failedStep;
}

test('a function without enough memory to start fails before a change, and AWSCURRENT logs in', {
  timeout: 300_000,
}, async () => {
  await subject.setMemory(5);
  expect((await subject.rotate({ isCold: true })).failedStep).toBe('createSecret');
  expect(await subject.applicationsLogIn()).toBe(true);
  expect(await rotateWith(5)).toBe('createSecret');
});

test.each([32, 128])(
  'with %i MB a rotation succeeds, or the next attempt with enough memory does',
  { timeout: 300_000 },
  async (memoryMb) => {
    // V8 may end the worker in any step, so the test accepts every step.
    expect(['createSecret', 'setSecret', 'testSecret', 'finishSecret', undefined]).toContain(
      await rotateWith(memoryMb),
    );
  },
);
