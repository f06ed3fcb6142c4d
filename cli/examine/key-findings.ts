import { MAX_KEYS } from '../../protocol/keys/control-plane.ts';
import { truncatedList } from '../outcome/failure.ts';
import type { Examination } from './examination.ts';
import { type Finding, notice, problem } from './finding.ts';
import { idsOf } from './keys.ts';

/** Above so many keys of an organization, `status` warns. */
const WARN_ABOVE = 0.8 * MAX_KEYS;

/** The findings about the keys of one secret, the most serious first. */
export function keyFindings({ keys, secret }: Pick<Examination, 'keys' | 'secret'>): readonly Finding[] {
  if (keys?.kind === undefined) {
    return keys === undefined ? [] : [keys];
  }
  const { refusal, count, orphans } = keys;
  const isFull = count - orphans.length >= MAX_KEYS;
  return [
    ...(refusal === undefined ? [] : [problem(refusal.code, refusal.message, refusal.advice)]),
    ...(count > WARN_ABOVE
      ? [
          (isFull ? problem : notice)(
            'key-quota',
            `The organization has ${count} of ${MAX_KEYS} API keys.${isFull ? ' No rotation can create another one.' : ''}`,
            'Delete API keys that nobody uses in the console of Zilliz Cloud.',
          ),
        ]
      : []),
    ...(orphans.length > 0
      ? [
          notice(
            'key-orphans',
            `A rotation of this secret created API keys that no version names: ${truncatedList(idsOf(orphans), ', ')}.`,
            `The next rotation deletes them: \`zilliz-rotation rotate ${secret.name}\`.`,
          ),
        ]
      : []),
  ];
}
