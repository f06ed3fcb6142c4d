import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { bundleFunction } from './function-bundles.ts';
import { thirdPartyNotices } from './third-party-notices.ts';

/**
 * Fills dist/ with what the package brings beside its documents: JavaScript and types, and the functions as bundles.
 * `npm pack` and `npm publish` run it. Whoever uses the package needs neither TypeScript nor esbuild.
 */
const project = resolve(import.meta.dirname, '..');
const dist = join(project, 'dist');
// Where infra/function/function-code.ts, compiled, looks for them.
const functions = join(dist, 'infra', 'functions');

rmSync(dist, { recursive: true, force: true });
const compiler = join(project, 'node_modules', 'typescript', 'bin', 'tsc');
execFileSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], { cwd: project, stdio: 'inherit' });
const bundled = (['rotation', 'overdue'] as const).flatMap((fn) => bundleFunction(fn, join(functions, fn)));
writeFileSync(join(functions, 'THIRD-PARTY-NOTICES.txt'), thirdPartyNotices(project, bundled));
