import { describe, expect, it } from 'vitest';
import type { ListedVersion, SecretDescription } from '../../secret/store.ts';
import { freeLabels, holderOf, orderCandidates, sentLabel, sentVersions } from '../../secret/versions.ts';

function described(versions: Record<string, string[]>): SecretDescription {
  return {
    arn: 'arn',
    name: 'name',
    rotationEnabled: true,
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

  it('ignore a sent label that is on another version than its own', () => {
    const candidates = orderCandidates(described({}), [listed('a', 1), listed('b', 2, [sentLabel('a')])], undefined);
    expect(candidates.map(({ versionId }) => versionId)).toEqual(['b', 'a']);
    const sent = orderCandidates(
      described({}),
      [listed('a', 1, [sentLabel('a')]), listed('b', 2, [sentLabel('a')])],
      undefined,
    );
    expect(sent.map(({ versionId }) => versionId)).toEqual(['a', 'b']);
  });
});

describe('the labels of a secret', () => {
  it('have the version that holds them, or none', () => {
    expect(holderOf(described(LABELS), 'AWSPREVIOUS')).toBe('old');
    expect(holderOf(described(LABELS), 'AWSOTHER')).toBeUndefined();
  });

  it('are sent labels only on their own version, and not on the excepted version', () => {
    const description = described({ ...LABELS, s: [sentLabel('s')], foreign: [sentLabel('gone')] });
    expect(sentVersions(description, 'p')).toEqual(['s']);
    expect(sentVersions(description, 'none')).toEqual(['p', 's']);
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
