import type { Change } from '../../../protocol/cluster/cluster.ts';
import { proofOf } from '../../../protocol/cluster/refusal.ts';
import { tokenOf } from '../../../protocol/secret/credential-form.ts';
import { accepts, codeIn, compare, given, judgeAnswers, type Observation } from '../observation.ts';
import { measureSpread } from '../propagation.ts';
import type { Run } from '../run.ts';
import type { Assumptions } from './assumption.ts';
import { ASSUMED, documented, readInMilvus, SEEN, ZILLIZ } from './evidence.ts';
import { keySpread } from './keys.ts';

const SPECIAL = '+-.=@_';
const DESCRIPTION = 'zilliz-rotation verify';

/** On the cluster, with changes of the user's own password. */
export const PASSWORDS: Assumptions = {
  'milvus-password-length': {
    behaviour: 'A password has 6 to 72 bytes. Up to 2.4.17, the limit is 256, and bcrypt refuses more than 72.',
    evidence: readInMilvus({ 'proxy/util.go': { '2.4.18': 845, '2.5.27': 1159, '2.6.20': 1327 } }),
    ifFalse: 'PASSWORD_REFUSED, and nothing changes',
    needs: ['user'],
    check: async (run) => {
      const text = run.newPassword() + run.newPassword();
      return await changes(run, 'new-password', text.slice(0, 5), text.slice(0, 73));
    },
  },
  'zilliz-password': {
    behaviour: 'A password has 8 to 64 characters of three classes. Assumed: none of `+-.=@_` is forbidden.',
    evidence: documented(`${ZILLIZ}docs/cluster-users-sdk`),
    ifFalse: 'PASSWORD_REFUSED, and nothing changes. Set `passwordExcludeCharacters`',
    needs: ['user'],
    check: async (run) => {
      const text = run.newPassword() + run.newPassword();
      const longest = `${text.slice(0, 64 - SPECIAL.length)}${SPECIAL}`;
      const { verdict, seen } = await changes(run, 'changed', longest, `${text.slice(0, 4)}aA1.`);
      return { verdict, seen: `${seen}; the longer one with ${[...SPECIAL].join(' ')}` };
    },
  },
  'zilliz-own-password': {
    behaviour: 'A cluster user changes its password with the old one. Assumed: without a role, as in Milvus.',
    evidence: documented(`${ZILLIZ}docs/cluster-credentials-sdk`),
    ifFalse: 'CHANGE_REFUSED or CLUSTER_FORBIDS, and nothing changes',
    needs: ['user'],
    check: async (run) => await changes(run, 'changed', run.newPassword()),
  },
  'milvus-each-call': {
    behaviour: 'Every call is authenticated, so an open connection survives a change and needs the new password.',
    evidence: SEEN,
    ifFalse: 'a client keeps a connection with the old password, or loses one call',
    needs: ['user'],
    check: async (run) => {
      const caller = { endpoint: run.direct.endpoint, token: tokenOf(run.direct) };
      const answer = await run.adminCluster.callAgainAfter(caller, async () => {
        given((await change(run, run.newPassword())).spread, NO_CHANGE);
      });
      given(answer.kind === 'lost' ? undefined : answer, NO_CHANGE);
      const code = 'answer' in answer ? (codeIn(answer.answer) ?? 'refused') : 'served';
      return compare({ 'an open connection with the former password': [code, 'gRPC 16'] });
    },
  },
  'zilliz-propagation': {
    behaviour: 'Every proxy knows a new password, and a cluster a new API key, within 10 seconds.',
    evidence: ASSUMED,
    ifFalse: 'PENDING_REJECTED before AWSCURRENT moves. Raise `PROPAGATION_MS`',
    check: async (run) =>
      run.keys ? await keySpread(run.keys, run) : given((await change(run, run.newPassword())).spread, NO_CHANGE),
  },
  'milvus-descriptions': {
    behaviour:
      'Since 2.6.19, users have descriptions: REST tells them beside the roles. A change without one keeps it.',
    evidence: readInMilvus({
      'rootcoord/meta_table.go': { '2.6.20': 1669 },
      'distributed/proxy/httpserver/handler_v2.go': { '2.6.20': 2441 },
    }),
    ifFalse: 'a change of the password erases the description',
    needs: ['user', 'rest'],
    check: async (run) => {
      const kept = await run.adminCluster.descriptionAfter(run.direct, DESCRIPTION, async () => {
        given((await change(run, run.newPassword())).spread, NO_CHANGE);
        return run.direct;
      });
      return kept === undefined
        ? { verdict: 'not checked', seen: 'The cluster stores no description of a user, as before 2.6.19.' }
        : compare({ 'a change of the password keeps the description': kept === DESCRIPTION });
    },
  },
};

const NO_CHANGE = 'The password could not be changed, or the cluster gave no answer.';

/** Changes the password to each of these. Holds if every answer is the expected one. */
async function changes(run: Run, expected: string, ...passwords: readonly string[]): Promise<Observation> {
  const answers: [string, Change][] = [];
  for (const password of passwords) {
    answers.push([`${password.length} characters`, (await change(run, password)).answer]);
  }
  return judgeAnswers(answers, (words) => words.every((word) => word === expected));
}

/**
 * Changes the password of the user, remembers it, and waits until the proxies know it: a late one
 * would refuse the next request.
 *
 * @returns `spread`: how long that took. `undefined`: the password is the former one
 */
async function change(run: Run, password: string): Promise<{ answer: Change; spread: Observation | undefined }> {
  const { direct: former, stored, cluster } = run;
  const next = { ...former, password };
  const answer = await cluster.changePassword(former, password);
  if (answer.kind !== 'changed' && (proofOf(answer) !== 'until accepted' || !(await accepts(cluster, next)))) {
    return { answer, spread: undefined };
  }
  run.direct = next;
  run.stored = stored === former ? next : stored;
  const spread = await measureSpread(
    run,
    async (each) => (await accepts(each, next)) && !(await accepts(each, former)),
  );
  return { answer, spread };
}
