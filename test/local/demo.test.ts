import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { LOCAL, PROJECT } from '../../local/project.ts';
import { processesIn } from './processes-in.ts';

interface Demo {
  readonly child: ChildProcess;
  readonly stateDir: string;
  /** Waits until the output contains the text. */
  prints(text: string): Promise<void>;
  output(): string;
}

/** What a developer's shell may set. Each of them would lead the demo away from its cloud. */
const SHELL = {
  AWS_PROFILE: 'missing',
  AWS_SESSION_TOKEN: 'session',
  AWS_ENDPOINT_URL_SECRETS_MANAGER: 'http://127.0.0.1:9',
  AWS_USE_FIPS_ENDPOINT: 'true',
  CLUSTER_TRANSPORT: 'rest',
  NODE_USE_ENV_PROXY: '1',
  http_proxy: 'http://127.0.0.1:9',
  https_proxy: 'http://127.0.0.1:9',
};

/** Starts the demo like `npm run demo`, but with a known process id. */
function startDemo(): Demo {
  const child = spawn(process.execPath, [join(PROJECT, 'local', 'demo.ts')], {
    cwd: PROJECT,
    env: { ...process.env, ...SHELL },
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
    prints: (text) => expect.poll(() => output, { timeout: 30_000 }).toContain(text),
    output: () => output,
  };
}

describe('The demo', () => {
  test('shows all rotations, whatever the shell sets, exits with 0 and deletes its cloud', {
    timeout: 120_000,
  }, async () => {
    const demo = startDemo();
    const [code] = await once(demo.child, 'close');
    expect(demo.output()).toMatch(/All \d+ checks passed/);
    expect(code).toBe(0);
    expect(demo.output()).toContain('(current-not-in-force)');
    expect(existsSync(demo.stateDir)).toBe(false);
    expect(processesIn(demo.stateDir)).toEqual([]);
  });

  test('stops its servers when it is interrupted', async () => {
    const demo = startDemo();
    await demo.prints('Running cdk bootstrap');
    expect(processesIn(demo.stateDir).length).toBeGreaterThan(2);
    demo.child.kill('SIGINT');
    const [code] = await once(demo.child, 'close');
    expect(code).toBe(130);
    expect(processesIn(demo.stateDir)).toEqual([]);
    expect(existsSync(demo.stateDir)).toBe(false);
  });
});
