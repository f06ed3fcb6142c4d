import { ENDPOINT_TAG } from '../../protocol/secret/document.ts';
import { isPinsLocation, parsePins, pinsSecretOf, possiblePinsOf } from '../../protocol/secret/pins.ts';
import { findPins, namesIn } from '../../protocol/secret/rotated-secrets.ts';
import { SecretStoreError } from '../../protocol/secret/secret-store.ts';
import { MAX_CONCURRENT, mapConcurrently } from '../aws/map-concurrently.ts';
import { SAID_ELSEWHERE } from '../examine/find-same-user.ts';
import type { Finding } from '../examine/finding.ts';
import { findingsOf } from '../examine/findings.ts';
import { keyText } from '../examine/keys.ts';
import { userAt } from '../examine/tried-versions.ts';
import { usersOfSecret } from '../examine/users-of-secret.ts';
import { catchKnown, truncatedList } from '../outcome/failure.ts';
import { formatDuration } from '../terminal/time.ts';
import { type Answer, type Answers, type DoctorContext, fail, pass, unknown, warning } from './check.ts';
import type { CheckResult } from './json-schema.ts';

export function resultOf(
  { severity, code, message, advice }: Finding,
  ofUndecided: CheckResult['status'] = 'unknown',
): CheckResult {
  const status = { problem: 'fail', undecided: ofUndecided, notice: 'warning' } as const;
  return { check: code, status: status[severity], reason: message, fix: advice || null };
}

export function findingResults({ examination, ports }: DoctorContext): readonly CheckResult[] {
  // The check `other-secrets` explains the same user.
  const { search, sameUser: found } = examination;
  const sameUser = found.explanation === undefined ? found : SAID_ELSEWHERE;
  const findings = findingsOf({ ...examination, sameUser }, ports.clock.now());
  // A host that is not allowed here is no question of the network.
  const ofUndecided = search.kind === 'unusable' ? 'fail' : 'unknown';
  return findings.length === 0
    ? [{ check: 'secret', ...pass(`The cluster accepts the credential of ${userAt(examination)} in AWSCURRENT.`) }]
    : findings.map((finding) => resultOf(finding, ofUndecided));
}

/**
 * A secret can lose its pins while it rotates on: below the name prefix of a function whose other
 * secrets may be those of other apps.
 */
export function checkPins({ examination: { strategy } }: DoctorContext): Answers {
  const { config, pins, refusal } = strategy;
  if (config === undefined || !isPinsLocation(config.pins) || refusal !== undefined) {
    return [];
  }
  const missing = [
    ...(pins.endpoint === undefined ? ['endpoint'] : []),
    ...(namesIn(pins).length === 0 ? ['user'] : []),
  ];
  return missing.length === 0
    ? pass('The configuration pins the endpoint and the user or API key.')
    : warning(
        `The configuration does not pin the ${missing.join(' and the ')}, so whoever may store a value decides.`,
        'Give the entry of the secret endpoint and username, and deploy the stack. If the configuration no longer has the secret, end its rotation (docs/configuration.md#leaving-the-stack).',
      );
}

/**
 * What the rotation of an API key needs beside the cluster. A finding says what the control plane
 * refuses.
 */
export function checkManager({ examination: { strategy, keys } }: DoctorContext): Answers {
  const { config } = strategy;
  if (!strategy.needsManager) {
    return [];
  }
  if (config === undefined) {
    return unknown('The manager secret is not known, because the configuration of the function was not read.');
  }
  if (config.managerSecretArn === undefined) {
    return fail(
      'The function has no manager secret, so it can create no API key.',
      'Add managerSecretArn to the configuration, and deploy the stack.',
    );
  }
  if (keys === undefined) {
    return pass(
      `The function uses the manager secret ${config.managerSecretArn}. With --manager, this command tries its key.`,
    );
  }
  return !('severity' in keys) && keys.refusal === undefined && keys.current !== undefined
    ? pass(
        `The manager key may list the ${keys.listed.length} API keys, and the current one can rotate: ${keyText(keys.current)}.`,
      )
    : [];
}

/**
 * Synth compares the constructs of one app only. Another app that pins the secret may rotate it.
 */
export async function checkOtherApps({ ports: { aws }, examination }: DoctorContext): Promise<Answer> {
  const { secret, strategy } = examination;
  if (strategy.config === undefined) {
    return unknown('Whether another app rotates the secret is not known, because the function was not read.');
  }
  const { pins } = strategy.config;
  const own = isPinsLocation(pins) ? pinsSecretOf(secret.name, pins) : undefined;
  const listed = (await aws.rotation.listSecrets()).map(({ name }) => name);
  const possible = possiblePinsOf(secret.name, listed).filter((name) => name !== own);
  const read = await mapConcurrently(possible, MAX_CONCURRENT, async (name) => {
    const text = await catchKnown(aws.pins(name), SecretStoreError);
    const unread = text instanceof SecretStoreError ? text : undefined;
    const pins = typeof text === 'string' ? (parsePins(text) ?? {}) : {};
    return { name, unread, isPinned: findPins(secret, pins, secret.arn) !== undefined };
  });
  const others = read.flatMap(({ name, isPinned }) => (isPinned ? name : []));
  if (others.length > 0) {
    return warning(
      `Other apps have this secret too, with the pins in ${truncatedList(others)}. Each deployment of a schedule replaces the function and the schedule of the others.`,
      'Remove the secret from all configurations but one, and deploy them.',
    );
  }
  const [unread] = read.flatMap((other) => other.unread ?? []);
  return unread === undefined
    ? pass('No other app pins this secret.')
    : unknown(`The pins of another app could not be read. ${unread.message}`);
}

export async function checkOtherSecrets({ ports, examination }: DoctorContext): Promise<Answers> {
  const { secret, current, strategy } = examination;
  if (current === undefined) {
    return unknown('AWSCURRENT is not usable, so its user or API key is not known.');
  }
  const users = usersOfSecret(secret, current.credentials, strategy);
  const { explanation, notes } = await ports.findSameUser(users, ports.aws);
  const answers = [
    ...(explanation === undefined ? [] : [fail(explanation.message, explanation.advice)]),
    ...notes.map((note) => unknown(note)),
  ];
  return answers.length > 0
    ? answers
    : pass(
        `No other secret that a function of this product rotates, and none with the tag ${ENDPOINT_TAG}, holds this user or API key. Other secrets were not read.`,
      );
}

/**
 * Whether a reader that keeps a credential for the time of `--refresh-interval` can use a replaced
 * credential for as long. No result without the option.
 */
export function checkRefresh({ options: { refreshInterval }, examination: { strategy } }: DoctorContext): Answers {
  if (refreshInterval === undefined) {
    return [];
  }
  const { config: { minimumGapMs } = {}, keepsReplaced } = strategy;
  if (minimumGapMs === undefined) {
    return unknown('How long a replaced credential stays valid is not known, because the function was not read.');
  }
  const kept = formatDuration(refreshInterval);
  if (!keepsReplaced) {
    return warning(
      `A rotation ends the replaced password at once. So a reader that keeps it for ${kept} fails its logins for up to ${kept} after each rotation.`,
      'Let two users take turns, or use API keys (docs/applications.md#choose). Or restart the readers on the event of a rotation (docs/applications.md#the-event-after-a-rotation), which shortens this time.',
    );
  }
  const gap = formatDuration(minimumGapMs);
  return minimumGapMs > refreshInterval
    ? pass(`A replaced credential stays valid for at least ${gap}, and a reader keeps it for at most ${kept}.`)
    : warning(
        `A replaced credential may end after ${gap}, but a reader may keep it for ${kept}.`,
        `Set minimumGapMinutes to ${Math.floor(refreshInterval / 60_000) + 1} or more in the configuration of the function, and deploy the stack.`,
      );
}
