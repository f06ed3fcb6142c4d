import { describe, expect, it } from 'vitest';
import { CONTINUATIONS } from '../../bench/faults/continuations.ts';
import { STEPS } from '../../secret/rotation-step.ts';
import type { StrategyName } from '../../secret/rotation-strategy.ts';
import { type SourceEdit, withEditedProtocol } from './broken-protocol.ts';
import {
  casesOf,
  changeBetweenCalls,
  faultsOf,
  type InitialState,
  type MANUAL_CHANGES,
  outliveRotation,
  promoteBehindSlowProxies,
  recoverFromFault,
  refusePendingOfAnotherUser,
  refuseResetWithoutPins,
  type Subject,
} from './scenarios.ts';

const LOGIN_AFTER_CHANGE = 'if (await (refused ? canLogIn : canLogInAfterChange)(ports, pending.credentials))';

const FINISH_LOGIN = {
  file: 'steps/finish-secret.ts',
  find: 'if (!(await canLogInEverywhere(ports, pair.pending.credentials)))',
  replace: 'if (false)',
};

/** The scenarios of one of the other tests in this folder. */
type Scenarios = (subject: Subject) => Promise<unknown>;

const everyFault =
  (state: InitialState): Scenarios =>
  async (subject) => {
    for (const step of STEPS) {
      for (const fault of await faultsOf(state, step, subject)) {
        for (const continuation of casesOf(CONTINUATIONS)) {
          await recoverFromFault(state, step, fault, continuation, subject);
        }
      }
    }
  };

const changeBetween =
  (manualChange: keyof typeof MANUAL_CHANGES): Scenarios =>
  (subject) =>
    changeBetweenCalls(manualChange, subject);

const sendForAnotherUser: Scenarios = (subject) => refusePendingOfAnotherUser('setSecret', subject);

const outlive: Scenarios = (subject) => outliveRotation('setSecret', subject);

interface BrokenProtocol {
  readonly edits: readonly SourceEdit[];
  /** Scenarios that must fail. Others may fail as well, but these are enough and take seconds. */
  readonly detectedBy: Scenarios;
  readonly failure: RegExp;
  /** @default 'single-user' */
  readonly strategy?: StrategyName;
}

/** Edits that break the protocol, and the failure of the tests that they must cause. */
const BROKEN_PROTOCOLS: Readonly<Record<string, BrokenProtocol>> = {
  'the pending version gets no sent label': {
    edits: [
      {
        file: 'steps/create-secret.ts',
        find: 'labels: [AWSPENDING, reused?.label ?? sentLabel(token)]',
        replace: 'labels: [AWSPENDING]',
      },
      { file: 'pending-version.ts', find: 'lacksSentLabel(description, versionId)', replace: 'false' },
    ],
    detectedBy: changeBetween('stores another key'),
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
    detectedBy: everyFault('a changed password whose AWSPENDING was removed before the promotion'),
    failure: /Invariant [12]/,
  },
  'finishSecret moves AWSCURRENT without a login': {
    edits: [FINISH_LOGIN],
    detectedBy: promoteBehindSlowProxies,
    failure: /Invariant 3/,
  },
  'every step trusts the answer to a change without a login': {
    edits: [
      FINISH_LOGIN,
      { file: 'change/change-password.ts', find: LOGIN_AFTER_CHANGE, replace: "if (change.kind === 'changed')" },
      {
        file: 'steps/test-secret.ts',
        find: 'if (!(await canLogInEverywhere(ports, pending.credentials)))',
        replace: 'if (false)',
      },
    ],
    detectedBy: promoteBehindSlowProxies,
    failure: /Invariant 3/,
  },
  'a lost answer counts as a refusal of the password': {
    edits: [
      {
        file: 'change/change-password.ts',
        find: LOGIN_AFTER_CHANGE,
        replace: 'if (false)',
      },
      {
        file: 'change/change-password.ts',
        find: "if (refused && oldAccepted && change.reason === 'new-password')",
        replace: 'if (true)',
      },
    ],
    detectedBy: everyFault('a secret never rotated'),
    failure: /Invariant 2/,
  },
  'a version with a refused password keeps AWSPENDING': {
    edits: [{ file: 'change/change-password.ts', find: '      await releaseVersion(ports, attempt);\n', replace: '' }],
    detectedBy: everyFault('a cluster that refuses the next password'),
    failure: /to match object|PASSWORD_REFUSED/,
  },
  'versions without an AWS label are not tried': {
    edits: [
      {
        file: 'change/find-in-force.ts',
        find: 'orderCandidates(description, await ports.store.list(), pending.versionId).slice(named.length)',
        replace: '[] as Candidate[]',
      },
    ],
    detectedBy: everyFault('a changed password whose AWSPENDING was removed before the promotion'),
    failure: /to match object/,
  },
  'the pending password is not tried': {
    edits: [
      {
        file: 'change/find-in-force.ts',
        find: 'for (const candidate of named.filter(',
        replace: 'for (const candidate of named.slice(1).filter(',
      },
    ],
    detectedBy: everyFault('a secret never rotated'),
    failure: /to match object/,
  },
  'a manual edit of AWSCURRENT is overwritten': {
    edits: [
      {
        file: 'pending-version.ts',
        find: "if (relation === 'next' || relation === 'current')",
        replace: "if (relation !== 'foreign')",
      },
    ],
    detectedBy: changeBetween('stores another key'),
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
    detectedBy: changeBetween('stores another key'),
    failure: /undid an edit/,
  },
  'the endpoint and the user of AWSPENDING are not compared': {
    edits: [
      {
        file: 'pending-version.ts',
        find: "if (relation === 'next' || relation === 'current')",
        replace: 'if (relation.length > 0)',
      },
    ],
    detectedBy: sendForAnotherUser,
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
    detectedBy: promoteBehindSlowProxies,
    failure: /to match object/,
  },
  'one login on a lucky proxy promotes a version': {
    edits: [{ file: 'logins.ts', find: 'if (accepted >= needed(rejections > 0))', replace: 'if (true)' }],
    detectedBy: promoteBehindSlowProxies,
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
    detectedBy: promoteBehindSlowProxies,
    failure: /to match object/,
  },
  'a version that cannot be decrypted ends the search': {
    edits: [
      { file: 'read-credentials.ts', find: 'unlessDenied(readVersion(...args))', replace: 'readVersion(...args)' },
    ],
    detectedBy: everyFault('a restored password among older versions that cannot be decrypted'),
    failure: /to match object/,
  },
  'a version that an admin reset could not use keeps AWSPENDING': {
    edits: [{ file: 'change/reset-by-admin.ts', find: '    await releaseVersion(ports, attempt);\n', replace: '' }],
    detectedBy: everyFault(
      'a password changed outside, an admin credential, and a cluster that refuses the next password',
    ),
    failure: /to match object/,
  },
  'the passwords of other hosts and users are tried': {
    edits: [
      {
        file: 'change/find-in-force.ts',
        find: "if (stored.kind === 'unusable' || why !== undefined)",
        replace: "if (stored.kind === 'unusable')",
      },
    ],
    detectedBy: everyFault('a secret moved from another cluster user'),
    failure: /Invariant 5/,
  },
  'the sent labels of another user are retired': {
    edits: [
      {
        file: 'steps/finish-secret.ts',
        find: "if (reasonToSkip(stored, pending.credentials) === 'other host or user')",
        replace: 'if (false)',
      },
    ],
    detectedBy: everyFault('a secret moved from another cluster user'),
    failure: /zilliz-sent:another/,
  },
  'a reused password does not take its label over': {
    edits: [{ file: 'steps/create-secret.ts', find: 'reused?.label ?? sentLabel(token)', replace: 'sentLabel(token)' }],
    detectedBy: everyFault('labels of the owner, and rotations whose AWSPENDING was removed'),
    failure: /to match object/,
  },
  'a label is removed although its password may be in force': {
    edits: [
      { file: 'sent-labels.ts', find: "'may be in force', 'user in AWSCURRENT']", replace: "'user in AWSCURRENT']" },
      {
        file: 'steps/create-secret.ts',
        find: 'await findReusablePassword(ports, attempt, current)',
        replace: 'undefined',
      },
      { file: 'steps/create-secret.ts', find: 'findReusablePassword, ', replace: '' },
    ],
    detectedBy: everyFault(
      'as many labels of the owner as a rotation allows, and a changed password whose AWSPENDING was removed',
    ),
    failure: /Invariant [12]/,
  },
  'the labels of the owner are not counted': {
    edits: [{ file: 'steps/create-secret.ts', find: 'hasRoomForNewPassword(description)', replace: 'true' }],
    detectedBy: everyFault('labels of the owner, and rotations whose AWSPENDING was removed'),
    failure: /to match object/,
  },
  'an invocation continues after AWSPENDING was removed': {
    edits: [{ file: 'pending-version.ts', find: "if (decision.kind !== 'proceed')", replace: 'if (false)' }],
    detectedBy: outlive,
    failure: /Invariant 2/,
  },
  'a version that a person moved AWSCURRENT to counts as proven': {
    edits: [
      { file: 'rotation.ts', find: 'if (await canLogInAfterChange(ports, credentials))', replace: 'if (credentials)' },
    ],
    detectedBy: changeBetween('moves AWSCURRENT to the pending version'),
    failure: /the rotation succeeded/,
  },
  'an admin resets users that the deployment does not pin': {
    edits: [
      {
        file: 'change/reset-by-admin.ts',
        find: 'target.endpoint !== undefined && usersOf(target).length > 0',
        replace: 'usersOf(target).length >= 0',
      },
    ],
    detectedBy: refuseResetWithoutPins,
    failure: /Invariant 5/,
  },
  'the version in AWSCURRENT gets no sent label although its user keeps its password': {
    edits: [
      {
        file: 'steps/set-secret.ts',
        find: 'await keepCurrentFindable(ports, attempt, pair.current);',
        replace: 'keepCurrentFindable;',
      },
    ],
    strategy: 'alternating-users',
    detectedBy: everyFault('a secret never rotated'),
    failure: /Invariant [12]/,
  },
  'finishSecret removes the sent labels of both users': {
    edits: [
      {
        file: 'steps/finish-secret.ts',
        find: "if (reasonToSkip(stored, pending.credentials) === 'other host or user')",
        replace: "if (reasonToSkip(stored, pending.credentials) === 'denied')",
      },
    ],
    strategy: 'alternating-users',
    detectedBy: everyFault('a secret rotated before'),
    failure: /Invariant [12]/,
  },
};

describe('the tests detect a protocol in which', () => {
  it.each(Object.entries(BROKEN_PROTOCOLS))(
    '%s',
    async (_, { edits, detectedBy, failure, strategy = 'single-user' }) => {
      await withEditedProtocol(edits, async (protocol) => {
        await expect(detectedBy({ protocol, strategy })).rejects.toThrow(failure);
      });
    },
  );
});
