import { describe, expect, it } from 'vitest';
import type { ListedVersion, SecretDescription } from '../../../protocol/secret/secret-store.ts';
import {
  freeLabels,
  hasRoomForNewPassword,
  hasSentLabel,
  holderOf,
  lacksSentLabel,
  orderCandidates,
  sentLabel,
  sentLabelOf,
  sentLabels,
} from '../../../protocol/secret/versions.ts';

function described(versions: Record<string, string[]>): SecretDescription {
  return {
    arn: 'arn',
    name: 'name',
    rotationEnabled: true,
    lastRotatedAt: undefined,
    lastChangedAt: undefined,
    tags: {},
    versions: Object.entries(versions).map(([versionId, labels]) => ({ versionId, labels })),
  };
}

function listed(versionId: string, createdAt: number, labels: string[] = []): ListedVersion {
  return { versionId, labels, createdAt };
}

const LABELS = { p: ['AWSPENDING', sentLabel('p')], c: ['AWSCURRENT'], old: ['AWSPREVIOUS'] };

describe('candidates', () => {
  it('are pending, current and previous, then versions with a sent label, then versions without, newest first', () => {
    const list = [
      listed('c', 30),
      listed('bare-old', 5),
      listed('bare-new', 50),
      listed('sent-old', 1, [sentLabel('sent-old')]),
      listed('p', 40, [sentLabel('p')]),
      listed('sent-new', 2, [sentLabel('sent-new')]),
      listed('old', 20),
    ];
    const order = orderCandidates(described(LABELS), list, 'p');
    expect(order.map(({ versionId, stage }) => `${stage} ${versionId}`)).toEqual([
      'pending p',
      'current c',
      'previous old',
      'stranded sent-new',
      'stranded sent-old',
      'stranded bare-new',
      'stranded bare-old',
    ]);
  });

  it('with the same creation time are sorted by their ids', () => {
    const ids = ['b', 'a', 'c'];
    for (const order of [ids, ids.toReversed(), ids.toSorted()]) {
      const candidates = orderCandidates(
        described({}),
        order.map((id) => listed(id, 7)),
        undefined,
      );
      expect(candidates.map(({ versionId }) => versionId)).toEqual(['a', 'b', 'c']);
    }
  });

  it('contain each version once, with the first of its stages', () => {
    const description = described({ v: ['AWSPENDING', 'AWSCURRENT'] });
    expect(orderCandidates(description, [listed('v', 1)], 'v')).toEqual([{ versionId: 'v', stage: 'pending' }]);
    expect(orderCandidates(description, [], undefined)).toEqual([{ versionId: 'v', stage: 'current' }]);
  });

  it('contain at most the hundred newest stranded versions', () => {
    const many = Array.from({ length: 110 }, (_, index) => listed(`v${index}`, index));
    const candidates = orderCandidates(described({}), many, undefined);
    expect(candidates).toHaveLength(100);
    expect(candidates[0]?.versionId).toBe('v109');
    expect(candidates.at(-1)?.versionId).toBe('v10');
  });

  it('contain a hundred stranded versions in addition to current and previous', () => {
    const many = Array.from({ length: 102 }, (_, index) => listed(`v${index}`, index));
    const candidates = orderCandidates(described({ v100: ['AWSPREVIOUS'], v101: ['AWSCURRENT'] }), many, undefined);
    expect(candidates.map(({ stage }) => stage)).toEqual(['current', 'previous', ...Array(100).fill('stranded')]);
  });

  it('count a sent label that another version had before', () => {
    const list = [listed('a', 1, [sentLabel('b')]), listed('b', 2)];
    const candidates = orderCandidates(described({}), list, undefined);
    expect(candidates.map(({ versionId }) => versionId)).toEqual(['a', 'b']);
  });
});

describe('the labels of a secret', () => {
  it('have the version that holds them, or none', () => {
    expect(holderOf(described(LABELS), 'AWSPREVIOUS')).toBe('old');
    expect(holderOf(described(LABELS), 'AWSOTHER')).toBeUndefined();
  });

  it('are sent labels whichever version had them first', () => {
    const description = described({ ...LABELS, moved: [sentLabel('old'), 'zilliz-other'] });
    expect(sentLabels(description)).toEqual([
      { label: sentLabel('p'), versionId: 'p' },
      { label: sentLabel('old'), versionId: 'moved' },
    ]);
    expect(['p', 'moved', 'old', 'c'].map((versionId) => hasSentLabel(description, versionId))).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(['p', 'moved', 'old', 'c'].filter((versionId) => lacksSentLabel(description, versionId))).toEqual(['c']);
    expect(['p', 'moved', 'c'].map((versionId) => sentLabelOf(description, versionId))).toEqual([
      sentLabel('p'),
      sentLabel('old'),
      sentLabel('c'),
    ]);
  });

  it('leave room for a new password while fewer than ten are sent labels and two more fit', () => {
    const withLabels = (sent: number, owner: number): SecretDescription =>
      described({
        ...Object.fromEntries(Array.from({ length: sent }, (_, index) => [`s${index}`, [sentLabel(`s${index}`)]])),
        c: ['AWSCURRENT', ...Array.from({ length: owner }, (_, index) => `release-${index}`)],
      });
    expect(hasRoomForNewPassword(withLabels(9, 0))).toBe(true);
    expect(hasRoomForNewPassword(withLabels(10, 0))).toBe(false);
    expect(hasRoomForNewPassword(withLabels(7, 8))).toBe(true);
    expect(hasRoomForNewPassword(withLabels(8, 8))).toBe(false);
  });

  it('are free beyond those of AWS, of sent versions and of the owner', () => {
    const own = Array.from({ length: 8 }, (_, index) => `release-${index}`);
    const sent = Object.fromEntries(Array.from({ length: 8 }, (_, index) => [`s${index}`, [sentLabel(`s${index}`)]]));

    expect(freeLabels(described({}))).toBe(17);
    expect(freeLabels(described(LABELS))).toBe(16);
    expect(freeLabels(described({ ...sent, c: ['AWSCURRENT', ...own] }))).toBe(1);
    expect(freeLabels(described({ ...sent, ...LABELS, c: ['AWSCURRENT', ...own] }))).toBe(0);
    expect(freeLabels(described({ ...sent, c: ['AWSCURRENT', ...own, 'a', 'b'] }))).toBe(-1);
  });

  it('of sent versions fit into the 256 characters of Secrets Manager', () => {
    expect(sentLabel('x'.repeat(64)).length).toBeLessThanOrEqual(256);
    expect(sentLabel('abc')).toBe('zilliz-sent:abc');
  });
});
