import { AWSCURRENT } from '../../../../protocol/secret/versions.ts';
import { STEP_EVENT } from '../../../../telemetry/log-line.ts';
import type { NoProof } from './no-proof.ts';
import { inStore, staysOff } from './of-secrets.ts';

/** What sets LastRotatedDate, or prevents that a rotation fails. */
export const NO_PROOF_OF_DATE: readonly NoProof[] = [
  [
    'user',
    'sm-last-rotated',
    'undecided',
    'no rotation fails after createSecret',
    (world) => {
      world.failsIn = 'createSecret';
    },
  ],
  [
    'user',
    'sm-last-rotated',
    'differs',
    'a rotation that failed in the middle sets the date',
    inStore((store, { fixture: { clock } }) => {
      const startRotation = store.startRotation.bind(store);
      store.startRotation = (token) => {
        if (store.valueOf(store.holder(AWSCURRENT) ?? '')?.includes('"zunknown_')) {
          store.lastRotatedAt = clock.now();
        }
        return startRotation(token);
      };
    }),
  ],
  [
    'user',
    'sm-last-rotated',
    'differs',
    'the move of a finishSecret that then dies sets the date',
    inStore((store, { fixture: { clock } }) => {
      const promote = store.promote.bind(store);
      store.promote = async (move) => {
        store.lastRotatedAt = store.valueOf(move.to)?.includes('"zunknown_') ? clock.now() : store.lastRotatedAt;
        return await promote(move);
      };
    }),
  ],
  [
    'user',
    'sm-last-rotated',
    'undecided',
    'the next attempt ends a rotation whose finishSecret died',
    (world) => {
      world.onSecret = ({ store, lines }) => {
        const promote = store.promote.bind(store);
        store.promote = async (move) => {
          const last = lines.at(-1);
          if (last?.versionId === move.to) {
            lines.push({ ...last, event: STEP_EVENT.finished, step: 'finishSecret' });
          }
          return await promote(move);
        };
      };
    },
  ],
  [
    'user',
    'sm-last-rotated',
    'differs',
    'the date was set before the rotation',
    inStore((store) => {
      Object.defineProperty(store, 'lastRotatedAt', { get: () => 1000, set: () => undefined });
    }),
  ],
  [
    'user',
    'sm-last-rotated',
    'undecided',
    'no rotation failed',
    ({ fixture: { aws } }) => {
      const { startRotation } = aws.rotation;
      aws.rotation.startRotation = async (secretId, token) => {
        const { store } = aws.secret(secretId);
        return store.valueOf(store.holder('AWSCURRENT') ?? '') === '{}'
          ? { kind: 'refused', reason: 'other', answer: '' }
          : await startRotation(secretId, token);
      };
    },
  ],
  ['key', 'sm-last-rotated', 'undecided', 'rotation is off', staysOff],
];
