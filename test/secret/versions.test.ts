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
  it('are pending, current, previous, then those sent, then the label-less, newest first', () => {
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

  it('made in the same second follow their ids, however they are listed', () => {
    const ids = ['b', 'a', 'c'];
    for (const order of [ids, ids.toReversed(), ids.toSorted()]) {
      const found = orderCandidates(
        described({}),
        order.map((id) => listed(id, 7)),
        undefined,
      );
      expect(found.map(({ versionId }) => versionId)).toEqual(['a', 'b', 'c']);
    }
  });

  it('name each version once, by the first of its stages', () => {
    const description = described({ v: ['AWSPENDING', 'AWSCURRENT'] });
    expect(orderCandidates(description, [listed('v', 1)], 'v')).toEqual([{ versionId: 'v', stage: 'pending' }]);
    expect(orderCandidates(description, [], undefined)).toEqual([{ versionId: 'v', stage: 'current' }]);
  });

  it('stop after a hundred stranded ones, of which the newest are kept', () => {
    const many = Array.from({ length: 110 }, (_, index) => listed(`v${index}`, index));
    const found = orderCandidates(described({}), many, undefined);
    expect(found).toHaveLength(100);
    expect(found[0]?.versionId).toBe('v109');
    expect(found.at(-1)?.versionId).toBe('v10');
  });

  it('are a hundred stranded ones beside the named, even where the named are the newest', () => {
    const many = Array.from({ length: 102 }, (_, index) => listed(`v${index}`, index));
    const found = orderCandidates(described({ v100: ['AWSPREVIOUS'], v101: ['AWSCURRENT'] }), many, undefined);
    expect(found.map(({ stage }) => stage)).toEqual(['current', 'previous', ...Array(100).fill('stranded')]);
  });

  it('take a sent label for what it says only on its own version', () => {
    const found = orderCandidates(described({}), [listed('a', 1), listed('b', 2, [sentLabel('a')])], undefined);
    expect(found.map(({ versionId }) => versionId)).toEqual(['b', 'a']);
    const sent = orderCandidates(
      described({}),
      [listed('a', 1, [sentLabel('a')]), listed('b', 2, [sentLabel('a')])],
      undefined,
    );
    expect(sent.map(({ versionId }) => versionId)).toEqual(['a', 'b']);
  });
});

describe('labels', () => {
  it('are looked up by holder', () => {
    expect(holderOf(described(LABELS), 'AWSPREVIOUS')).toBe('old');
    expect(holderOf(described(LABELS), 'AWSOTHER')).toBeUndefined();
  });

  it('of sent versions are those on their own version, but for the one excepted', () => {
    const description = described({ ...LABELS, s: [sentLabel('s')], foreign: [sentLabel('gone')] });
    expect(sentVersions(description, 'p')).toEqual(['s']);
    expect(sentVersions(description, 'none')).toEqual(['p', 's']);
  });

  it('are free beside the three of AWS, the sent ones and those of the owner, whether AWS uses its own or not', () => {
    const own = Array.from({ length: 8 }, (_, index) => `release-${index}`);
    const sent = Object.fromEntries(Array.from({ length: 8 }, (_, index) => [`s${index}`, [sentLabel(`s${index}`)]]));

    expect(freeLabels(described({}))).toBe(17);
    expect(freeLabels(described(LABELS))).toBe(16);
    expect(freeLabels(described({ ...sent, c: ['AWSCURRENT', ...own] }))).toBe(1);
    expect(freeLabels(described({ ...sent, ...LABELS, c: ['AWSCURRENT', ...own] }))).toBe(0);
    expect(freeLabels(described({ ...sent, c: ['AWSCURRENT', ...own, 'a', 'b'] }))).toBe(-1);
  });

  it('are short enough for Secrets Manager, which takes 256 characters', () => {
    expect(sentLabel('x'.repeat(64)).length).toBeLessThanOrEqual(256);
    expect(sentLabel('abc')).toBe('zilliz-sent:abc');
  });
});
