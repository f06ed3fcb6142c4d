import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { PROJECT, SERVERS_PYTHON } from '../../local/project.ts';
import { localAws } from '../emulator/support/local-aws.ts';
import { processesIn } from './support/processes-in.ts';

const aws = localAws({ retries: 0 });

describe('the emulator', { timeout: 60_000 }, () => {
  test('writes no secret value to its log', async () => {
    const marker = 'a-value-that-must-not-be-logged';
    const [secretId, rotation] = await Promise.all([aws.secret(marker), aws.rotationFunction()]);
    await aws.rotateToEnd(secretId, { RotationLambdaARN: rotation.arn });
    const log = readFileSync(aws.emulator.logFile, 'utf8');
    expect(log).toContain(`RotationSucceeded ${secretId}`);
    expect(log).not.toContain(marker);
    expect(log).not.toContain('rotated to');
  });

  test('refuses to start with another version of ministack', () => {
    const folder = mkdtempSync(join(tmpdir(), 'other-ministack-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    mkdirSync(join(folder, 'ministack-1.5.34.dist-info'));
    writeFileSync(join(folder, 'ministack-1.5.34.dist-info', 'METADATA'), 'Name: ministack\nVersion: 1.5.34\n');
    const { status, stderr } = spawnSync(SERVERS_PYTHON, ['-m', 'emulator', '--port', '1', '--data-dir', folder], {
      env: { PYTHONPATH: `${folder}:${PROJECT}` },
      encoding: 'utf8',
      timeout: 10_000,
    });
    expect(status).toBe(2);
    expect(stderr).toContain('1.5.33');
  });

  test('stops the workers of its functions', async () => {
    const [secretId, rotation] = await Promise.all([aws.secret(), aws.rotationFunction()]);
    await aws.rotateToEnd(secretId, { RotationLambdaARN: rotation.arn });
    expect(processesIn(aws.dataDir).length).toBeGreaterThan(1);
    await aws.emulator.stop();
    expect(processesIn(aws.dataDir)).toEqual([]);
  });
});
