import type { Change } from '../../protocol/cluster/cluster.ts';
import { proofOf } from '../../protocol/cluster/refusal.ts';
import { tokenOf } from '../../protocol/secret/credential-form.ts';
import { type Check, check, given, holdsIf, type Observation, type TemporaryRotation } from './check.ts';
import { accepts, codeIn, judge } from './cluster-answers.ts';
import { measure } from './propagation.ts';

const SPECIAL = '+-.=@_';
const DESCRIPTION = 'zilliz-rotation verify';

/** On the cluster, with changes of the user's own password. */
export const PASSWORD_CHECKS: readonly Check[] = [
  check('milvus-password-length', ['user'], async (rotation) => {
    const base = rotation.newPassword() + rotation.newPassword();
    return await changes(rotation, 'new-password', [base.slice(0, 5), base.slice(0, 73)]);
  }),
  check('zilliz-password zilliz-own-password', ['user'], async (rotation) => {
    const base = rotation.newPassword() + rotation.newPassword();
    const passwords = [`${base.slice(0, 64 - SPECIAL.length)}${SPECIAL}`, `${base.slice(0, 4)}aA1.`];
    const { seen, ...judged } = await changes(rotation, 'changed', passwords);
    return { ...judged, seen: `${seen}; the longer one with ${[...SPECIAL].join(' ')}` };
  }),
  check('milvus-each-call', ['user'], async (rotation) => {
    const caller = { endpoint: rotation.direct.endpoint, token: tokenOf(rotation.direct) };
    let isChanged = false;
    const answer = await rotation.adminCluster.callAgainAfter(caller, async () => {
      isChanged = (await change(rotation, rotation.newPassword())).spread !== undefined;
    });
    const code = 'answer' in answer ? codeIn(answer.answer) : 'served';
    given(isChanged && answer.kind !== 'lost' ? answer : undefined, NO_CHANGE);
    return holdsIf(code === 'gRPC 16', `an open connection with the former password: ${code ?? 'refused'}`);
  }),
  check('milvus-descriptions', ['user', 'rest'], async (rotation) => {
    const kept = await rotation.adminCluster.descriptionAfter(rotation.direct, DESCRIPTION, async () => {
      given((await change(rotation, rotation.newPassword())).spread, NO_CHANGE);
      return rotation.direct;
    });
    return kept === undefined
      ? { verdict: 'not checked', seen: 'The cluster stores no description of a user, as before 2.6.19.' }
      : holdsIf(
          kept === DESCRIPTION,
          `after a change of the password, the description is ${kept === DESCRIPTION ? 'the same' : kept === '' ? 'gone' : 'another one'}`,
        );
  }),
  check('zilliz-propagation', ['user'], async (rotation) =>
    given((await change(rotation, rotation.newPassword())).spread, NO_CHANGE),
  ),
];

const NO_CHANGE = 'The password could not be changed, or the cluster gave no answer.';

/** Changes the password to each of these. Holds if every answer is the expected one. */
async function changes(
  rotation: TemporaryRotation,
  expected: string,
  passwords: readonly string[],
): Promise<Observation> {
  const answers: [string, Change][] = [];
  for (const password of passwords) {
    answers.push([`${password.length} characters`, (await change(rotation, password)).answer]);
  }
  return judge(expected, answers);
}

/**
 * Changes the password of the user, remembers it, and waits until the proxies know it: a late one
 * would refuse the next request.
 *
 * @returns `spread`: how long that took. `undefined`: the password is the former one
 */
async function change(
  rotation: TemporaryRotation,
  password: string,
): Promise<{ answer: Change; spread: Observation | undefined }> {
  const { direct: former, stored, cluster } = rotation;
  const next = { ...former, password };
  const answer = await cluster.changePassword(former, password);
  if (answer.kind !== 'changed' && (proofOf(answer) !== 'awaited-login' || !(await accepts(cluster, next)))) {
    return { answer, spread: undefined };
  }
  rotation.direct = next;
  rotation.stored = stored === former ? next : stored;
  const spread = await measure(rotation, async (each) => (await accepts(each, next)) && !(await accepts(each, former)));
  return { answer, spread };
}
