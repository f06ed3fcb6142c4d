#!/usr/bin/env node
// A clone runs the TypeScript sources; an installed package runs dist/, the compiled sources.
// Only a clone has tsconfig.json beside this file: the package leaves it out.
import { existsSync } from 'node:fs';

const isClone = existsSync(new URL('tsconfig.json', import.meta.url));
await import(isClone ? '../../cli/main.ts' : './dist/cli/main.js');
