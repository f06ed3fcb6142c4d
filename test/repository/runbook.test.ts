import { expect, it } from 'vitest';
import { runbookCommands } from '../e2e/runbook/page.ts';
import { SCENARIOS } from '../e2e/runbook/scenarios.ts';

it('every command of docs/operations.md runs in a test of its entry, and the tests run no other command', () => {
  const tested = new Map<string, Set<string>>();
  for (const { entry, commands } of SCENARIOS) {
    tested.set(entry, new Set([...(tested.get(entry) ?? []), ...commands]));
  }
  const sorted = (commands: ReadonlyMap<string, Iterable<string>>) =>
    Object.fromEntries([...commands].map(([entry, lines]) => [entry, [...lines].toSorted()]));

  expect(Object.keys(sorted(tested)).length).toBeGreaterThan(12);
  expect(sorted(runbookCommands())).toEqual(sorted(tested));
});
