import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { type CloudRecord, readCloudState } from '../../local/cloud/record.ts';
import { BrokenPromiseError, fingerprint, Narrator } from '../../local/demo/narrator.ts';
import { isRunning } from '../../local/process/process-identity.ts';
import { LOCAL, PROJECT } from '../../local/project.ts';

interface Demo {
  readonly child: ChildProcess;
  readonly stateDir: string;
  /** Resolves when the output holds this. */
  says(text: string): Promise<void>;
  output(): string;
}

/** As `npm run demo` starts it, except that its process id is known. */
function startDemo(): Demo {
  const child = spawn(process.execPath, [join(PROJECT, 'local', 'demo.ts')], {
    cwd: PROJECT,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  return {
    child,
    stateDir: join(LOCAL, `demo-${child.pid}`),
    says: (text) => expect.poll(() => output, { timeout: 30_000 }).toContain(text),
    output: () => output,
  };
}

function runningCloud(stateDir: string): NonNullable<CloudRecord['running']> {
  const state = readCloudState(stateDir);
  if (state.kind === 'none' || state.record.running === undefined) {
    throw new Error('The cloud of the demonstration is not up.');
  }
  return state.record.running;
}

describe('The demonstration', () => {
  test('shows both rotations, exits with 0 and leaves nothing', { timeout: 120_000 }, async () => {
    const demo = startDemo();
    const [code] = await once(demo.child, 'close');
    expect(demo.output()).toMatch(/All \d+ checks hold/);
    expect(code).toBe(0);
    expect(demo.output()).toContain('✔ the old one is refused');
    expect(demo.output()).toContain('✔ both rotations succeeded');
    expect(existsSync(demo.stateDir)).toBe(false);
    expect(readCloudState(demo.stateDir).kind).toBe('none');
  });

  test('stops all that it started when it is interrupted', async () => {
    const demo = startDemo();
    await demo.says('cdk deploy');
    const { emulator, milvus } = runningCloud(demo.stateDir);
    demo.child.kill('SIGINT');
    const [code] = await once(demo.child, 'close');
    expect(code).toBe(130);
    expect([emulator, ...milvus].filter(isRunning)).toEqual([]);
    expect(existsSync(demo.stateDir)).toBe(false);
  });

  test('exits with 1 when something is not as promised', async () => {
    const demo = startDemo();
    await demo.says('Two applications');
    const [tls] = runningCloud(demo.stateDir).milvus;
    process.kill(tls?.pid ?? 0, 'SIGKILL');
    const [code] = await once(demo.child, 'close');
    expect(code).toBe(1);
    expect(existsSync(demo.stateDir)).toBe(false);
  });
});

describe('The narrator', () => {
  const narrator = (signal = new AbortController().signal): { narrator: Narrator; text(): string } => {
    const stream = new PassThrough();
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    return {
      // The narrator only writes to it.
      narrator: new Narrator(stream as unknown as NodeJS.WriteStream, signal),
      text: () => Buffer.concat(chunks).toString(),
    };
  };

  test('counts what holds, and ends the story at what does not', () => {
    const { narrator: tells, text } = narrator();
    tells.check('water is wet', true);
    expect(() => tells.check('pigs fly', false)).toThrow(BrokenPromiseError);
    expect(tells.checks).toBe(1);
    expect(text()).toContain('pigs fly');
  });

  test('says nothing more once it is interrupted, but the last word', () => {
    const interruption = new AbortController();
    const { narrator: tells, text } = narrator(interruption.signal);
    interruption.abort();
    expect(() => tells.fact('a', 'b')).toThrow();
    tells.end('The end.');
    expect(text()).toContain('The end.');
  });

  test('tells passwords apart without showing them', () => {
    expect(fingerprint('one password')).toMatch(/^#[0-9a-f]{8}$/);
    expect(fingerprint('one password')).not.toBe(fingerprint('another password'));
  });
});
