import { readFileSync } from 'node:fs';
import { MilvusClient } from '@zilliz/milvus2-sdk-node';
import { expect, it } from 'vitest';

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
}

const manifestOf = (folder: string): Manifest =>
  JSON.parse(readFileSync(new URL(`../../${folder}package.json`, import.meta.url), 'utf8')) as Manifest;

// vitest.oldest.config.ts runs the tests of this folder with the oldest release.
it('the SDK under test is at an end of the range that the package supports', ({ task }) => {
  const sdk = '@zilliz/milvus2-sdk-node';
  const range = manifestOf('packages/client/').peerDependencies[sdk] ?? '';
  const newest = manifestOf('').dependencies[sdk] ?? '';
  const [, oldest, below] = /^>=(\S+) <(\d+)$/.exec(range) ?? [];
  expect(MilvusClient.sdkInfo.version).toBe(task.file.projectName === 'oldest-sdk' ? oldest : newest);
  expect(newest.split('.')[0]).toBe(String(Number(below) - 1));
});
