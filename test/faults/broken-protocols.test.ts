import { describe, expect, it } from 'vitest';
import { STEPS, type Step } from '../../protocol/rotation/rotation-request.ts';
import type { UserStrategyName } from '../../protocol/secret/rotated-secrets.ts';
import { type SourceEdits, withEditedProtocol } from './broken-protocol.ts';
import { CONTINUATIONS } from './continuations.ts';
import { KEY_CONTINUATIONS, KEY_STATES, playKeyFaults } from './key-scenarios.ts';
import {
  casesOf,
  changeBetweenCalls,
  faultsOf,
  type InitialState,
  type MANUAL_CHANGES,
  promoteBehindSlowProxies,
  recoverFromFault,
  type Subject,
} from './scenarios.ts';

const LOGIN_AFTER_CHANGE = 'if (await canLogIn(ports, pending.credentials, proofOf(change)))';

const FINISH_LOGIN: SourceEdits = {
  'rotation/steps/finish-secret.ts': {
    'await requirePendingAccepted(ports, attempt);': '',
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

const everyFaultOfKeys =
  (step: Step): Scenarios =>
  async ({ protocol }) => {
    for (const state of casesOf(KEY_STATES)) {
      for (const continuation of casesOf(KEY_CONTINUATIONS)) {
        await playKeyFaults(state, step, continuation, protocol);
      }
    }
  };

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
        'await requirePendingAccepted(ports, attempt);': '',
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
        'from: current.versionId })':
          'from: holderOf(await ports.store.describe(), AWSCURRENT) ?? current.versionId })',
      },
    },
    detectedBy: changeBetween('stores another key'),
    failure: /undid an edit/,
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
  'a label is removed although its password may be accepted': {
    edits: {
      'rotation/sent-label-use.ts': {
        "['obsolete']": "['obsolete', 'may be accepted']",
        "sent.findLast(({ use }) => use === 'may be accepted' || use === 'accepted, never current')":
          'sent.findLast(() => false)',
        "['denied']": "['accepted', 'accepted, never current', 'accepted, previous']",
      },
    },
    detectedBy: everyFault(
      'as many labels of the owner as a rotation allows, and a changed password whose AWSPENDING was removed',
    ),
    failure: /Invariant [12]/,
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
  'an orphaned key stays': {
    edits: {
      'keys/rotated-key.ts': {
        'return candidates.filter(({ id }) => !versions.some((stored) => mayName(stored, id)));': 'return [];',
      },
    },
    detectedBy: everyFaultOfKeys('createSecret'),
    failure: /to deeply equal/,
  },
  'an orphaned key is every key with a similar name': {
    edits: { 'keys/rotated-key.ts': { 'keys.filter((key) => isOfSecret(key, secret))': 'keys.filter(() => true)' } },
    detectedBy: everyFaultOfKeys('createSecret'),
    failure: /a key of another owner/,
  },
  'a replaced key is deleted at once': {
    edits: { 'rotation/strategies/retire-keys.ts': { 'isRevocation(token) ? replaced : undefined': 'replaced' } },
    detectedBy: everyFaultOfKeys('finishSecret'),
    failure: /a key that was current/,
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
