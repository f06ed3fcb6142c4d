import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';

const CLIENT = new URL('../../client/index.ts', import.meta.url).href;

/** Imports the client in a process that says it runs this version of Node. */
function importOn(version: string): { status: number | null; stderr: string } {
  // An old Node does not have these functions.
  const program = `
    Object.defineProperty(process.versions, 'node', { value: '${version}' });
    if (${version.startsWith('18')}) {
      delete Promise.withResolvers;
      delete JSON.rawJSON;
      delete URL.parse;
    }
    await import('${CLIENT}');`;
  return spawnSync(process.execPath, ['--input-type=module', '--eval', program], { encoding: 'utf8' });
}

it.each(['18.20.4', '21.7.3', '22.12.0'])('Node %s gets a clear error at import', (version) => {
  const { status, stderr } = importOn(version);
  expect(status).toBe(1);
  expect(stderr).toMatch(new RegExp(`Node ${version}\\..* zilliz-secret-client .*22\\.13`));
});

it.each(['22.13.0', '24.0.0'])('Node %s imports the client', (version) => {
  expect(importOn(version)).toMatchObject({ status: 0, stderr: '' });
});
