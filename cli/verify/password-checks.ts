import type { Change, Credentials } from '../../protocol/cluster/cluster.ts';
import { proofOf } from '../../protocol/cluster/refusal.ts';
import { tokenOf } from '../../protocol/secret/credential-form.ts';
import { blocked, type Check, holdsIf, type Observation, type TemporaryRotation } from './check.ts';
import { clusterOf, codeIn, textOf, wordOf } from './cluster-answers.ts';
import { measure } from './propagation.ts';

const SPECIAL = '+-.=@_';

/** On the cluster, with changes of the user's own password. */
export const PASSWORD_CHECKS: Readonly<Record<string, Check>> = {
  lengths: {
    covers: ['milvus-password-length'],
    of: 'user',
    run: async (rotation) => {
      const base = rotation.newPassword() + rotation.newPassword();
      const answers = [];
      for (const length of [5, 73]) {
        const answer = await change(rotation, base.slice(0, length));
        answers.push({ isRefused: wordOf(answer) === 'new-password', text: `${length} bytes: ${textOf(answer)}` });
      }
      return holdsIf(
        answers.every(({ isRefused }) => isRefused),
        answers.map(({ text }) => text).join('; '),
      );
    },
  },

  passwords: {
    covers: ['zilliz-password', 'zilliz-own-password'],
    of: 'user',
    run: async (rotation) => {
      const base = rotation.newPassword() + rotation.newPassword();
      const passwords = [`${base.slice(0, 64 - SPECIAL.length)}${SPECIAL}`, `${base.slice(0, 4)}aA1.`];
      const answers = [];
      for (const password of passwords) {
        answers.push(await change(rotation, password));
      }
      const texts = answers.map((answer, index) => `${passwords[index]?.length} characters: ${textOf(answer)}`);
      return holdsIf(
        answers.every(({ kind }) => kind === 'changed'),
        `with ${[...SPECIAL].join(' ')}, ${texts.join('; ')}`,
      );
    },
  },

  session: {
    covers: ['milvus-each-call'],
    of: 'user',
    run: async (rotation) => {
      const caller = { endpoint: rotation.direct.endpoint, token: tokenOf(rotation.direct) };
      let changed: Change | undefined;
      const answer = await rotation.adminCluster.callAgainAfter(caller, async () => {
        changed = await change(rotation, rotation.newPassword());
      });
      if (changed?.kind !== 'changed') {
        return blocked('The password could not be changed.');
      }
      const code = 'answer' in answer ? codeIn(answer.answer) : 'served';
      return holdsIf(code === 'gRPC 16', `an open connection with the former password: ${code ?? 'refused'}`);
    },
  },

  propagation: {
    covers: ['zilliz-propagation'],
    of: 'user',
    run: async (rotation) => {
      let spread = blocked('The password could not be changed.');
      await change(rotation, rotation.newPassword(), (measured) => {
        spread = measured;
      });
      return spread;
    },
  },
};

/**
 * Changes the password of the user, remembers it, and waits until the proxies know it: a late one
 * would refuse the next request.
 */
async function change(
  rotation: TemporaryRotation,
  password: string,
  onSpread: (measured: Observation) => void = () => undefined,
): Promise<Change> {
  const { direct: former, stored } = rotation;
  const cluster = clusterOf(rotation);
  const next = { ...former, password };
  const accepts = async (user: Credentials): Promise<boolean> =>
    (await cluster.authenticates(user)).kind === 'accepted';
  const answer = await cluster.changePassword(former, password);
  if (answer.kind === 'changed' || (proofOf(answer) === 'awaited-login' && (await accepts(next)))) {
    rotation.direct = next;
    rotation.stored = stored === former ? next : stored;
    onSpread(await measure(rotation, async () => (await accepts(next)) && !(await accepts(former))));
  }
  return answer;
}
