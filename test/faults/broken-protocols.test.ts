import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { STEPS } from '../../lambda/rotation/attempt.ts';
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

const LOGIN_AFTER_CHANGE = 'if (await (refused ? canLogIn : canLogInAfterChange)(ports, pending.credentials))';

const FINISH_LOGIN = {
  file: 'steps/finish-secret.ts',
  find: 'if (!(await canLogIn(ports, pair.pending.credentials)))',
  replace: 'if (false)',
};

/** The protocol broken in the ways that its comments warn of, and what the harness then says. */
const BROKEN: Readonly<Record<string, { edits: readonly Breakage[]; caught: RegExp }>> = {
  'the pending version gets no sent label': {
    edits: [
      {
        file: 'steps/create-secret.ts',
        find: 'labels: [AWSPENDING, sentLabel(token)]',
        replace: 'labels: [AWSPENDING]',
      },
      { file: 'pending-version.ts', find: 'if (!hasSentLabel(description, versionId))', replace: 'if (false)' },
    ],
    caught: /Invariant [12]/,
  },
  'older sent labels go when a new password is made': {
    edits: [
      {
        file: 'steps/create-secret.ts',
        find: 'for (const versionId of retired)',
        replace: 'for (const versionId of sentVersions(attempt.description, token))',
      },
    ],
    caught: /Invariant [12]/,
  },
  'AWSCURRENT moves without a login': { edits: [FINISH_LOGIN], caught: /Invariant 3/ },
  'the answer to a change is believed, all the way': {
    edits: [
      FINISH_LOGIN,
      { file: 'change-password.ts', find: LOGIN_AFTER_CHANGE, replace: "if (change.kind === 'changed')" },
      {
        file: 'steps/test-secret.ts',
        find: 'if (!(await canLogInAfterChange(ports, pending.credentials)))',
        replace: 'if (false)',
      },
    ],
    caught: /Invariant 3/,
  },
  'a lost answer is taken for a refusal of the password': {
    edits: [
      {
        file: 'change-password.ts',
        find: LOGIN_AFTER_CHANGE,
        replace: 'if (false)',
      },
      {
        file: 'change-password.ts',
        find: "if (refused && oldAccepted && change.reason === 'new-password')",
        replace: 'if (true)',
      },
    ],
    caught: /Invariant 2/,
  },
  'a refused password is kept for ever': {
    edits: [
      { file: 'change-password.ts', find: '      await releaseVersion(ports, pending.versionId);\n', replace: '' },
    ],
    caught: /to match object|PASSWORD_REFUSED/,
  },
  'stranded versions are not tried': {
    edits: [
      {
        file: 'find-in-force.ts',
        find: 'await search(orderCandidates(description, await ports.store.list(), pending.versionId))',
        replace: 'undefined',
      },
    ],
    caught: /to match object/,
  },
  'the pending password is not tried': {
    edits: [
      {
        file: 'find-in-force.ts',
        find: 'orderCandidates(description, [], pending.versionId)',
        replace: 'orderCandidates(description, [], pending.versionId).slice(1)',
      },
      {
        file: 'find-in-force.ts',
        find: 'orderCandidates(description, await ports.store.list(), pending.versionId)',
        replace: 'orderCandidates(description, await ports.store.list(), pending.versionId).slice(1)',
      },
    ],
    caught: /to match object/,
  },
  'an edit of the current version is not noticed': {
    edits: [
      {
        file: 'pending-version.ts',
        find: "if (sameUser && pending.withPassword('') === current.withPassword(''))",
        replace: 'if (sameUser)',
      },
    ],
    caught: /undid an edit/,
  },
  'AWSCURRENT is moved from wherever it is by then': {
    edits: [
      {
        file: 'steps/finish-secret.ts',
        find: 'from: currentId })',
        replace: 'from: holderOf(await ports.store.describe(), AWSCURRENT) ?? currentId })',
      },
    ],
    caught: /undid an edit/,
  },
  'the target is not compared': {
    edits: [
      {
        file: 'pending-version.ts',
        find: 'const sameUser = isSameUser(pending.credentials, current.credentials);',
        replace: 'if (true) return; const sameUser = true;',
      },
    ],
    caught: /Invariant 5/,
  },
  'an invocation that outlived its rotation goes on': {
    edits: [{ file: 'pending-version.ts', find: "if (decision.kind !== 'proceed')", replace: 'if (false)' }],
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
