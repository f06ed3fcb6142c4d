#!/usr/bin/env node
// The package brings the command compiled; a clone runs its TypeScript, whose types Node strips by itself.
import { existsSync } from 'node:fs';

const source = new URL('./main.ts', import.meta.url);
await import(existsSync(source) ? source.href : new URL('../dist/cli/main.js', import.meta.url).href);
