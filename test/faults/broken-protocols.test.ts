import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { STEPS } from '../../lambda/event.ts';
import { type Breakage, withBroken } from './broken-protocol.ts';
import {
  CONTINUATIONS,
  type Continuation,
  faultsOf,
  HANDS,
  type Hand,
  interferes,
  oneFault,
  outlives,
  type Protocol,
  planted,
  STARTS,
  type Start,
} from './scenarios.ts';

const FINISH_LOGIN = {
  file: 'finish-secret.ts',
  find: 'if (!(await accepts(ports, pending.credentials)))',
  replace: 'if (false)',
};

/** The protocol broken in the ways that its comments warn of, and what the harness then says. */
const BROKEN: Readonly<Record<string, { edits: readonly Breakage[]; caught: RegExp }>> = {
  'the pending version gets no sent label': {
    edits: [
      { file: 'create-secret.ts', find: 'labels: [AWSPENDING, sentLabel(token)]', replace: 'labels: [AWSPENDING]' },
      { file: 'set-secret.ts', find: '  await keepFindable(ports, description, token);\n', replace: '' },
    ],
    caught: /Invariant [12]/,
  },
  'older sent labels go when a new password is made': {
    edits: [
      {
        file: 'create-secret.ts',
        find: 'for (const versionId of room.retire)',
        replace: 'for (const versionId of sentVersions(description, token))',
      },
    ],
    caught: /Invariant [12]/,
  },
  'AWSCURRENT moves without a login': { edits: [FINISH_LOGIN], caught: /Invariant 3/ },
  'the answer to a change is believed, all the way': {
    edits: [
      FINISH_LOGIN,
      { file: 'set-secret.ts', find: 'if (await acceptsInTime(ports, credentials))', replace: 'if (true)' },
      {
        file: 'test-secret.ts',
        find: 'if (!(await acceptsInTime(ports, pending.credentials)))',
        replace: 'if (false)',
      },
    ],
    caught: /Invariant 3/,
  },
  'a lost answer is taken for a refusal of the password': {
    edits: [
      {
        file: 'set-secret.ts',
        find: 'if (await (refused ? accepts : acceptsInTime)(ports, pending.credentials))',
        replace: 'if (false)',
      },
      { file: 'set-secret.ts', find: 'if (!refused || !asBefore)', replace: 'if (false)' },
      { file: 'set-secret.ts', find: "if (doubt.reason === 'new-password')", replace: 'if (true)' },
    ],
    caught: /Invariant 2/,
  },
  'a refused password is kept for ever': {
    edits: [{ file: 'set-secret.ts', find: '    await giveUp(ports, pending);\n', replace: '' }],
    caught: /to match object|PASSWORD_REFUSED/,
  },
  'stranded versions are not tried': {
    edits: [
      {
        file: 'find-in-force.ts',
        find: 'await search(candidates(description, await ports.store.list(), pending.versionId))',
        replace: 'undefined',
      },
    ],
    caught: /to match object/,
  },
  'the pending password is not tried': {
    edits: [
      {
        file: 'find-in-force.ts',
        find: 'candidates(description, [], pending.versionId)',
        replace: 'candidates(description, [], pending.versionId).slice(1)',
      },
      {
        file: 'find-in-force.ts',
        find: 'candidates(description, await ports.store.list(), pending.versionId)',
        replace: 'candidates(description, await ports.store.list(), pending.versionId).slice(1)',
      },
    ],
    caught: /to match object/,
  },
  'an edit of the current version is not noticed': {
    edits: [
      {
        file: 'stored-credentials.ts',
        find: "if (here && pending.withPassword('') === current.withPassword(''))",
        replace: 'if (here)',
      },
    ],
    caught: /undid an edit/,
  },
  'AWSCURRENT is moved from wherever it is by then': {
    edits: [
      {
        file: 'finish-secret.ts',
        find: 'from: currentId })',
        replace: 'from: holderOf(await ports.store.describe(), AWSCURRENT) ?? currentId })',
      },
    ],
    caught: /undid an edit/,
  },
  'the target is not compared': {
    edits: [
      {
        file: 'stored-credentials.ts',
        find: 'const here = sameTarget(pending, current);',
        replace: 'if (true) return pending; const here = true;',
      },
    ],
    caught: /Invariant 5/,
  },
  'an invocation that outlived its rotation goes on': {
    edits: [{ file: 'set-secret.ts', find: '    await requireStillPending(ports, token);\n', replace: '' }],
    caught: /Invariant 2/,
  },
};

describe('the harness catches a protocol in which', { timeout: 60_000 }, () => {
  it.each(Object.keys(BROKEN))('%s', async (name) => {
    const { edits, caught } = BROKEN[name] ?? { edits: [], caught: /never/ };
    await withBroken(edits, async (protocol) => {
      await expect(everything(protocol)).rejects.toThrow(caught);
    });
  });
});

/** What the other tests of this folder run, in one go, until something fails. */
async function everything(protocol: Protocol): Promise<void> {
  await planted('setSecret', protocol);
  for (const hand of Object.keys(HANDS) as Hand[]) {
    await interferes(hand, protocol);
  }
  for (const step of STEPS) {
    for (const start of Object.keys(STARTS) as Start[]) {
      for (const fault of await faultsOf(start, step, protocol)) {
        for (const continuation of Object.keys(CONTINUATIONS) as Continuation[]) {
          await oneFault(start, step, fault, continuation, protocol);
        }
      }
    }
  }
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(2), { minLength: 60, maxLength: 60 }), async (turns) => {
      await outlives('setSecret', (among) => Math.min(turns.shift() ?? 0, among - 1), protocol);
    }),
    { seed: 20_260_101, numRuns: 1000, includeErrorInReport: true },
  );
}
