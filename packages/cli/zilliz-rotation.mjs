#!/usr/bin/env node
// A clone runs the TypeScript sources; an installed package runs dist/, the compiled sources.
// Only a clone has tsconfig.json beside this file: the package leaves it out.
// This file runs on older Node versions too, so that it can say which version is needed.
import { existsSync } from 'node:fs';

const NOT_STARTED = 5;

const exists = (path) => existsSync(new URL(path, import.meta.url));

const isClone = exists('tsconfig.json');

function problem() {
  const { node } = process.versions;
  const [major, minor] = node.split('.').map(Number);
  if (isClone && !exists('../../node_modules/commander')) {
    return 'This clone is not set up. Run: npm run setup';
  }
  if (isClone && !process.features.typescript) {
    return `This is Node ${node}, which runs no TypeScript. Run: npx --no-install zilliz-rotation, which starts the Node of the clone.`;
  }
  if (major < 22 || (major === 22 && minor < 13)) {
    return `This is Node ${node}. zilliz-rotation needs Node 22.13 or later: https://nodejs.org, or: nvm install 24`;
  }
  return undefined;
}

const found = problem();
if (found === undefined) {
  await import(isClone ? '../../cli/main.ts' : './dist/cli/main.js');
} else {
  process.stderr.write(`error: ${found}\n`);
  process.exitCode = NOT_STARTED;
}
