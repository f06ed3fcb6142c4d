import { describe, expect, it } from 'vitest';
import { CONTINUATIONS } from '../../bench/faults/continuations.ts';
import { STEPS } from '../../lambda/rotation/attempt.ts';
import { type SourceEdit, withEditedProtocol } from './broken-protocol.ts';
import {
  casesOf,
  changeBetweenCalls,
  faultsOf,
  INITIAL_STATES,
  MANUAL_CHANGES,
  outliveRotation,
  type Protocol,
  promoteBehindSlowProxies,
  recoverFromFault,
  refusePendingOfAnotherUser,
} from './scenarios.ts';

const LOGIN_AFTER_CHANGE = 'if (await (refused ? canLogIn : canLogInAfterChange)(ports, pending.credentials))';

const FINISH_LOGIN = {
  file: 'steps/finish-secret.ts',
  find: 'if (!(await canLogInEverywhere(ports, pair.pending.credentials)))',
  replace: 'if (false)',
};

/** Edits that break the protocol, and the failure of the tests that they must cause. */
const BROKEN_PROTOCOLS: Readonly<Record<string, { edits: readonly SourceEdit[]; failure: RegExp }>> = {
  'the pending version gets no sent label': {
    edits: [
      {
        file: 'steps/create-secret.ts',
        find: 'labels: [AWSPENDING, reused?.label ?? sentLabel(token)]',
        replace: 'labels: [AWSPENDING]',
      },
      { file: 'pending-version.ts', find: 'lacksSentLabel(description, versionId)', replace: 'false' },
    ],
    failure: /Invariant [12]/,
  },
  'createSecret removes older sent labels': {
    edits: [
      {
        file: 'steps/create-secret.ts',
        find: 'import { AWSPENDING, ',
        replace: 'import { AWSPENDING, sentLabels, ',
      },
      {
        file: 'steps/create-secret.ts',
        find: 'if (reused === undefined) {',
        replace:
          'for (const { label, versionId } of sentLabels(attempt.description)) await ports.store.removeLabel({ label, from: versionId }); if (reused === undefined) {',
      },
    ],
    failure: /Invariant [12]/,
  },
  'finishSecret moves AWSCURRENT without a login': { edits: [FINISH_LOGIN], failure: /Invariant 3/ },
  'every step trusts the answer to a change without a login': {
    edits: [
      FINISH_LOGIN,
      { file: 'change-password.ts', find: LOGIN_AFTER_CHANGE, replace: "if (change.kind === 'changed')" },
      {
        file: 'steps/test-secret.ts',
        find: 'if (!(await canLogInEverywhere(ports, pending.credentials)))',
        replace: 'if (false)',
      },
    ],
    failure: /Invariant 3/,
  },
  'a lost answer counts as a refusal of the password': {
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
    failure: /Invariant 2/,
  },
  'a version with a refused password keeps AWSPENDING': {
    edits: [{ file: 'change-password.ts', find: '      await releaseVersion(ports, attempt);\n', replace: '' }],
    failure: /to match object|PASSWORD_REFUSED/,
  },
  'versions without an AWS label are not tried': {
    edits: [
      {
        file: 'find-in-force.ts',
        find: 'orderCandidates(description, await ports.store.list(), pending.versionId).slice(named.length)',
        replace: '[] as Candidate[]',
      },
    ],
    failure: /to match object/,
  },
  'the pending password is not tried': {
    edits: [
      {
        file: 'find-in-force.ts',
        find: 'for (const candidate of named)',
        replace: 'for (const candidate of named.slice(1))',
      },
    ],
    failure: /to match object/,
  },
  'a manual edit of AWSCURRENT is overwritten': {
    edits: [
      {
        file: 'pending-version.ts',
        find: "if (sameUser && pending.withPassword('') === current.withPassword(''))",
        replace: 'if (sameUser)',
      },
    ],
    failure: /undid an edit/,
  },
  'AWSCURRENT is moved from whichever version holds it': {
    edits: [
      {
        file: 'steps/finish-secret.ts',
        find: 'from: currentId })',
        replace: 'from: holderOf(await ports.store.describe(), AWSCURRENT) ?? currentId })',
      },
    ],
    failure: /undid an edit/,
  },
  'the endpoint and the user of AWSPENDING are not compared': {
    edits: [
      {
        file: 'pending-version.ts',
        find: 'const sameUser = isSameUser(pending.credentials, current.credentials);',
        replace: 'if (true) return; const sameUser = true;',
      },
    ],
    failure: /Invariant 5/,
  },
  'testSecret does not wait for slow proxies': {
    edits: [
      {
        file: 'steps/test-secret.ts',
        find: 'canLogInEverywhere(ports, pending.credentials)',
        replace: 'canLogIn(ports, pending.credentials)',
      },
    ],
    failure: /to match object/,
  },
  'one login on a lucky proxy promotes a version': {
    edits: [{ file: 'logins.ts', find: 'if (accepted >= needed(rejections > 0))', replace: 'if (true)' }],
    failure: /AWSCURRENT moved before/,
  },
  'finishSecret does not wait for slow proxies': {
    edits: [
      {
        file: 'steps/finish-secret.ts',
        find: 'await canLogInEverywhere(ports, pair.pending.credentials)',
        replace: '(await ports.cluster.authenticates(pair.pending.credentials)).kind === "accepted"',
      },
    ],
    failure: /to match object/,
  },
  'a version that cannot be decrypted ends the search': {
    edits: [
      { file: 'read-credentials.ts', find: 'unlessDenied(readVersion(...args))', replace: 'readVersion(...args)' },
    ],
    failure: /to match object/,
  },
  'a version that an admin reset could not use keeps AWSPENDING': {
    edits: [{ file: 'reset-by-admin.ts', find: '    await releaseVersion(ports, attempt);\n', replace: '' }],
    failure: /to match object/,
  },
  'the sent labels of another user are retired': {
    edits: [
      {
        file: 'steps/finish-secret.ts',
        find: "if (reasonToSkip(stored, current.credentials) === 'other host or user')",
        replace: 'if (false)',
      },
    ],
    failure: /zilliz-sent:another/,
  },
  'a reused password does not take its label over': {
    edits: [{ file: 'steps/create-secret.ts', find: 'reused?.label ?? sentLabel(token)', replace: 'sentLabel(token)' }],
    failure: /to match object/,
  },
  'a label is removed although its password may be in force': {
    edits: [
      { file: 'sent-labels.ts', find: "['current', 'denied', 'may be in force']", replace: "['current', 'denied']" },
      {
        file: 'steps/create-secret.ts',
        find: 'await findReusablePassword(ports, attempt, current)',
        replace: 'undefined',
      },
      { file: 'steps/create-secret.ts', find: 'findReusablePassword, ', replace: '' },
    ],
    failure: /Invariant [12]/,
  },
  'the labels of the owner are not counted': {
    edits: [{ file: 'steps/create-secret.ts', find: 'hasRoomForNewPassword(description)', replace: 'true' }],
    failure: /to match object/,
  },
  'an invocation continues after AWSPENDING was removed': {
    edits: [{ file: 'pending-version.ts', find: "if (decision.kind !== 'proceed')", replace: 'if (false)' }],
    failure: /Invariant 2/,
  },
};

describe('the tests detect a protocol in which', { timeout: 180_000 }, () => {
  it.each(Object.entries(BROKEN_PROTOCOLS))('%s', async (_, { edits, failure }) => {
    await withEditedProtocol(edits, async (protocol) => {
      await expect(allScenarios(protocol)).rejects.toThrow(failure);
    });
  });
});

/** Runs the scenarios of the other tests in this folder until the first failure. */
async function allScenarios(protocol: Protocol): Promise<void> {
  await promoteBehindSlowProxies(protocol);
  await refusePendingOfAnotherUser('setSecret', protocol);
  for (const manualChange of casesOf(MANUAL_CHANGES)) {
    await changeBetweenCalls(manualChange, protocol);
  }
  for (const step of STEPS) {
    for (const state of casesOf(INITIAL_STATES)) {
      for (const fault of await faultsOf(state, step, protocol)) {
        for (const continuation of casesOf(CONTINUATIONS)) {
          await recoverFromFault(state, step, fault, continuation, protocol);
        }
      }
    }
  }
  await outliveRotation('setSecret', protocol);
}
