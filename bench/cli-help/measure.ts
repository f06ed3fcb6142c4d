import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { compileCommand } from '../../build/cli/compile.ts';
import { LOCAL } from '../../local/project.ts';
import { type HelpResults, spreadOf } from '../performance/results.ts';

const RUNS = 21;

/** Prints the CPU time of the process as its last line on stderr. */
const METER = `data:text/javascript,${encodeURIComponent(`
  process.on('exit', () => {
    const { user, system } = process.cpuUsage();
    process.stderr.write('\\n' + (user + system) / 1000);
  });
`)}`;

export function measureHelp(): HelpResults {
  mkdirSync(LOCAL, { recursive: true });
  const folder = mkdtempSync(join(LOCAL, 'cli-help-'));
  try {
    const programs = { helpMs: [compileCommand(folder), '--help'], nodeMs: ['-e', '0'] };
    const samples = { helpMs: [] as number[], nodeMs: [] as number[] };
    // One run more than counts: the first fills the cache of the file system.
    for (let run = 0; run <= RUNS; run++) {
      for (const name of ['helpMs', 'nodeMs'] as const) {
        const cpuMs = cpuTimeOf(programs[name]);
        if (run > 0) {
          samples[name].push(cpuMs);
        }
      }
    }
    return {
      date: new Date().toISOString().slice(0, 10),
      node: process.versions.node,
      runs: RUNS,
      helpMs: spreadOf(samples.helpMs),
      nodeMs: spreadOf(samples.nodeMs),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function cpuTimeOf(program: readonly string[]): number {
  const { status, stderr } = spawnSync(process.execPath, ['--import', METER, ...program], { encoding: 'utf8' });
  const cpuMs = Number(stderr.split('\n').at(-1));
  if (status !== 0 || !(cpuMs > 0)) {
    throw new Error(`${program.join(' ')} ended with ${status}:\n${stderr}`);
  }
  return cpuMs;
}
