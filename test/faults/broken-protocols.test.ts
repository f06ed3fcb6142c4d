import { describe, expect, it } from 'vitest';
import { CONTINUATIONS } from '../../bench/faults/continuations.ts';
import { STEPS } from '../../protocol/rotation/rotation-request.ts';
import type { UserStrategyName } from '../../protocol/secret/rotated-secrets.ts';
import { type SourceEdits, withEditedProtocol } from './broken-protocol.ts';
import {
  casesOf,
  changeBetweenCalls,
  deployTwoUsersBeforeFinish,
  faultsOf,
  type InitialState,
  type MANUAL_CHANGES,
  outliveRotation,
  promoteBehindSlowProxies,
  recoverFromFault,
  refusePendingOfAnotherUser,
  refuseResetWithoutPins,
  rotateAfterKilledPromotion,
  type Subject,
} from './scenarios.ts';

const LOGIN_AFTER_CHANGE = 'if (await PROOFS[proofOf(change)](ports, pending.credentials))';

const FINISH_LOGIN: SourceEdits = {
  'rotation/steps/finish-secret.ts': {
    "if (!(await canLogIn(ports, pair.pending.credentials, 'everywhere')))": 'if (false)',
  },
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

interface BrokenProtocol {
  readonly edits: SourceEdits;
  /** Scenarios that must fail. Others may fail as well, but these are enough and take seconds. */
  readonly detectedBy: Scenarios;
  readonly failure: RegExp;
  /** @default 'single-user' */
  readonly strategy?: UserStrategyName;
}

/** Edits that break the protocol, and the failure of the tests that they must cause. */
const BROKEN_PROTOCOLS: Readonly<Record<string, BrokenProtocol>> = {
  'the pending version gets no sent label': {
    edits: {
      'rotation/steps/create-secret.ts': {
        'labels: [AWSPENDING, reused?.label ?? sentLabel(token)]': 'labels: [AWSPENDING]',
      },
      'rotation/sent-labels.ts': { 'lacksSentLabel(description, versionId)': 'false' },
    },
    detectedBy: changeBetween('stores another key'),
    failure: /Invariant [12]/,
  },
  'createSecret removes older sent labels': {
    edits: {
      'rotation/steps/create-secret.ts': {
        'import { AWSPENDING, ': 'import { AWSPENDING, sentLabels, ',
        'if (reused === undefined) {':
          'for (const { label, versionId } of sentLabels(attempt.description)) await ports.store.removeLabel({ label, from: versionId }); if (reused === undefined) {',
      },
    },
    detectedBy: everyFault('a changed password whose AWSPENDING was removed before the promotion'),
    failure: /Invariant [12]/,
  },
  'finishSecret moves AWSCURRENT without a login': {
    edits: FINISH_LOGIN,
    detectedBy: promoteBehindSlowProxies,
    failure: /Invariant 3/,
  },
  'every step trusts the answer to a change without a login': {
    edits: {
      ...FINISH_LOGIN,
      'rotation/change-password.ts': { [LOGIN_AFTER_CHANGE]: "if (change.kind === 'changed')" },
      'rotation/steps/test-secret.ts': {
        "if (!(await canLogIn(ports, pending.credentials, 'everywhere')))": 'if (false)',
      },
    },
    detectedBy: promoteBehindSlowProxies,
    failure: /Invariant 3/,
  },
  'a lost answer counts as a refusal of the password': {
    edits: {
      'rotation/change-password.ts': {
        [LOGIN_AFTER_CHANGE]: 'if (false)',
        "if (refusal?.reason === 'new-password' && (isAccepted || old === undefined))": 'if (true)',
      },
    },
    detectedBy: everyFault('a secret never rotated'),
    failure: /Invariant 2/,
  },
  'a version with a refused password keeps AWSPENDING': {
    edits: { 'rotation/change-password.ts': { '      await removePendingAndSentLabel(ports, attempt);\n': '' } },
    detectedBy: everyFault('a cluster that refuses the next password'),
    failure: /to match object|PASSWORD_REFUSED/,
  },
  'versions without an AWS label are not tried': {
    edits: {
      'credential/find-accepted.ts': {
        'orderCandidates(secret, await store.list(), pendingId).slice(labelled.length)': '[] as Candidate[]',
      },
    },
    detectedBy: everyFault('a changed password whose AWSPENDING was removed before the promotion'),
    failure: /to match object/,
  },
  'the pending password is not tried': {
    edits: {
      'credential/find-accepted.ts': { 'of labelled)': 'of labelled.slice(1))' },
    },
    detectedBy: everyFault('a secret never rotated'),
    failure: /to match object/,
  },
  'a manual edit of AWSCURRENT is overwritten': {
    edits: {
      'rotation/pending-version.ts': {
        "relation === 'next' ||": "relation !== 'foreign' ||",
      },
    },
    detectedBy: changeBetween('stores another key'),
    failure: /undid an edit/,
  },
  'AWSCURRENT is moved from whichever version holds it': {
    edits: {
      'rotation/steps/finish-secret.ts': {
        'from: currentId })': 'from: holderOf(await ports.store.describe(), AWSCURRENT) ?? currentId })',
      },
    },
    detectedBy: changeBetween('stores another key'),
    failure: /undid an edit/,
  },
  'the endpoint and the user of AWSPENDING are not compared': {
    edits: {
      'rotation/pending-version.ts': {
        "relation === 'next' ||": 'relation.length > 0 ||',
      },
    },
    detectedBy: (subject) => refusePendingOfAnotherUser('setSecret', subject),
    failure: /Invariant 5/,
  },
  'testSecret does not wait for slow proxies': {
    edits: {
      'rotation/steps/test-secret.ts': {
        "canLogIn(ports, pending.credentials, 'everywhere')": 'canLogIn(ports, pending.credentials)',
      },
    },
    detectedBy: promoteBehindSlowProxies,
    failure: /to match object/,
  },
  'one login on a lucky proxy promotes a version': {
    edits: { 'cluster/login.ts': { 'if (accepted >= needed(rejections > 0))': 'if (true)' } },
    detectedBy: promoteBehindSlowProxies,
    failure: /AWSCURRENT moved before/,
  },
  'finishSecret does not wait for slow proxies': {
    edits: {
      'rotation/steps/finish-secret.ts': {
        "await canLogIn(ports, pair.pending.credentials, 'everywhere')":
          '(await ports.cluster.authenticates(pair.pending.credentials)).kind === "accepted"',
      },
    },
    detectedBy: promoteBehindSlowProxies,
    failure: /to match object/,
  },
  'a version that cannot be decrypted ends the search': {
    edits: { 'credential/read-version.ts': { "error.kind === 'denied'": 'error.kind.length === 0' } },
    detectedBy: everyFault('a restored password among older versions that cannot be decrypted'),
    failure: /to match object/,
  },
  'a version that an admin reset could not use keeps AWSPENDING': {
    edits: { 'rotation/change-password.ts': { '(isAccepted || old === undefined)': 'isAccepted' } },
    detectedBy: everyFault(
      'a password changed outside, an admin credential, and a cluster that refuses the next password',
    ),
    failure: /to match object/,
  },
  'the passwords of other hosts and users are tried': {
    edits: {
      'credential/find-accepted.ts': { '      reasonToSkip(stored, user) === undefined &&\n': '' },
    },
    detectedBy: everyFault('a secret moved from another cluster user'),
    failure: /Invariant 5/,
  },
  'the sent labels of another user are retired': {
    edits: {
      'rotation/strategies/passwords.ts': {
        "if (why === 'other host or user' || why === 'unreadable')": 'if (false)',
      },
    },
    detectedBy: everyFault('a secret moved from another cluster user'),
    failure: /zilliz-sent:another/,
  },
  'a reused password does not take its label over': {
    edits: { 'rotation/steps/create-secret.ts': { 'reused?.label ?? sentLabel(token)': 'sentLabel(token)' } },
    detectedBy: everyFault('labels of the owner, and rotations whose AWSPENDING was removed'),
    failure: /to match object/,
  },
  'a label is removed although its password may be accepted': {
    edits: {
      'rotation/sent-label-use.ts': {
        "(use) => use === 'obsolete'": "(use) => use === 'obsolete' || use === 'may be accepted'",
        "sent.findLast(({ use }) => use === 'may be accepted' || use === 'accepted, never current')":
          'sent.findLast(() => false)',
        "(use) => use === 'denied'": "(use) => use.startsWith('accepted')",
      },
    },
    detectedBy: everyFault(
      'as many labels of the owner as a rotation allows, and a changed password whose AWSPENDING was removed',
    ),
    failure: /Invariant [12]/,
  },
  'the labels of the owner are not counted': {
    edits: {
      'rotation/steps/create-secret.ts': { 'hasRoomForNewPassword(description)': 'true' },
      'rotation/strategies/passwords.ts': { 'hasRoomForNewPassword(attempt.description)': 'true' },
    },
    detectedBy: everyFault('labels of the owner, and rotations whose AWSPENDING was removed'),
    failure: /to match object/,
  },
  'an invocation continues after AWSPENDING was removed': {
    edits: { 'rotation/sent-labels.ts': { "if (decision.kind !== 'proceed')": 'if (false)' } },
    detectedBy: (subject) => outliveRotation('setSecret', subject),
    failure: /Invariant 2/,
  },
  'a version that a person moved AWSCURRENT to counts as proven': {
    edits: { 'rotation/rotation.ts': { "!(await canLogIn(ports, credentials, 'until accepted'))": '!credentials' } },
    detectedBy: changeBetween('moves AWSCURRENT to the pending version'),
    failure: /the rotation succeeded/,
  },
  'an admin resets users that the deployment does not pin': {
    edits: {
      'rotation/reset-by-admin.ts': {
        'pinsEverything(attempt.pins)': 'true',
      },
    },
    detectedBy: refuseResetWithoutPins,
    failure: /Invariant 5/,
  },
  'a rotation of a single user is taken for edited after a deployment of two users': {
    edits: { 'rotation/pending-version.ts': { "relation === 'same-user' && isOurs": 'false' } },
    detectedBy: deployTwoUsersBeforeFinish,
    failure: /accepted/,
  },
  'the minimum gap forbids every rotation': {
    edits: { 'rotation/strategies/minimum-gap.ts': { "if (login.kind === 'rejected')": 'if (false)' } },
    strategy: 'alternating-users',
    detectedBy: changeBetween('stores a wrong password'),
    failure: /minimum gap forbids/,
  },
  'no minimum gap after a promotion whose finishSecret was killed': {
    edits: {
      'rotation/strategies/minimum-gap.ts': {
        'Math.max(secret.lastRotatedAt ?? 0, createdAt)': 'secret.lastRotatedAt',
      },
    },
    strategy: 'alternating-users',
    detectedBy: rotateAfterKilledPromotion,
    failure: /to deeply equal/,
  },
  'the version in AWSCURRENT gets no sent label although its user keeps its password': {
    edits: {
      'rotation/strategies/passwords.ts': { 'await attempt.strategy.keepFindable?.(ports, attempt, current);': '' },
    },
    strategy: 'alternating-users',
    detectedBy: everyFault('a secret never rotated'),
    failure: /Invariant [12]|to match object/,
  },
  'finishSecret removes the sent labels of both users': {
    edits: {
      'rotation/strategies/passwords.ts': {
        "if (why === 'other host or user' || why === 'unreadable')": "if (why === 'denied')",
      },
    },
    strategy: 'alternating-users',
    detectedBy: everyFault('a secret rotated before'),
    failure: /Invariant [12]|to match object/,
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
