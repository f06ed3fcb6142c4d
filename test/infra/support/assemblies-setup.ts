import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The folder for all cloud assemblies of a run. The teardown deletes the folder. */
    readonly assemblies: string;
  }
}

export default function setup(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'assemblies-'));
  project.provide('assemblies', folder);
  return () => rmSync(folder, { recursive: true });
}
