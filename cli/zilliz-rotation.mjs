#!/usr/bin/env node
// The package brings the command compiled; a clone runs its TypeScript, whose types Node strips by itself.
import { existsSync } from 'node:fs';

await (existsSync(new URL('./main.ts', import.meta.url))
  ? import('./main.ts')
  : import(new URL('../dist/cli/main.js', import.meta.url).href));
