import { describe, expect, it } from 'vitest';
import { holdsIf, judgeAnswers, UndecidedError } from '../../../cli/verify/observation.ts';
import { histogram } from '../../../cli/verify/propagation.ts';
import { registerRow, tableOf } from '../../../cli/verify/result.ts';
import { ClusterUnavailableError } from '../../../protocol/cluster/cluster.ts';
import { parseAnyEndpoint } from '../../../protocol/cluster/endpoint.ts';

it('the table of verify begins with what differs, and names the code and the page that rely on it', () => {
  const about = { behaviour: 'a', evidence: '', ifFalse: '', unchecked: '' };
  const held = registerRow('milvus-refusal', about, holdsIf(true, 'four | steps'));
  const different = registerRow('sm-steps', about, holdsIf(false, 'gRPC: not-ready (gRPC 13)'));

  const [head, , , , first = '', second = ''] = tableOf([held, different]).split('\n');

  expect(head).toBe('verify: differs: 1, undecided: 0, holds: 1, not checked: 0');
  expect(first).toMatch(/protocol\/rotation\/preflight\.ts.*docs\/assumptions\.md#secrets-.* \| differs \|$/);
  expect(second).toContain(' | four \\| steps | holds |');
});

const ENDPOINT = parseAnyEndpoint('https://a.example.com', { allowPlaintext: false });

it.each([
  ['there is no transport left to ask over', []],
  ['the cluster gives no answer', [['REST', new ClusterUnavailableError('no-answer', ENDPOINT, 'no answer')]]],
  ['an answer is lost', [['REST', { kind: 'lost', answer: `${ENDPOINT.url} is unreachable: ECONNREFUSED` }]]],
] as const)('a check decides nothing if %s', (_, answers) => {
  expect(() => judgeAnswers(answers, () => false)).toThrow(UndecidedError);
});

describe('the histogram of a change', () => {
  it('counts the connections by the time after which they know it', () => {
    expect(histogram([20, 100, 101, 900], 10_000)).toEqual(
      holdsIf(true, 'of 4 connections: 2 within 100 ms, 1 within 250 ms, 1 within 1 s'),
    );
  });

  it.each([
    ['a connection is later than the function waits', [20, 2600], 2500],
    ['a connection never knows it', [20, Infinity], 10_000],
  ])('differs if %s', (_, times, limit) => {
    expect(histogram(times, limit).verdict).toBe('differs');
  });
});
