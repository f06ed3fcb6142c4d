import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  export interface ProvidedContext {
    /** CDK writes every assembly to a folder, and would leave hundreds of them: they lie in this one. */
    readonly assemblies: string;
  }
}

export default function setup(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'assemblies-'));
  project.provide('assemblies', folder);
  return () => rmSync(folder, { recursive: true });
}
