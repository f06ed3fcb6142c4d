import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { describe, expect, it } from 'vitest';
import { createEventsReader } from '../../../cli/aws/events-reader.ts';
import { type Answer, clientConfig } from '../../support/aws-answers.ts';

const ARN = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:orders-AbCdEf';
const VERSION = 'f0000000-0000-4000-8000-000000000001';
const ROLE = 'arn:aws:sts::123456789012:assumed-role/operations/dana';
const PERIOD = { since: 1_700_000_000_000, until: 1_700_086_400_000 };

/** The record of a call, in the shape that AWS documents for events of Secrets Manager. */
const CALL = {
  eventVersion: '1.08',
  userIdentity: { type: 'AssumedRole', arn: ROLE, accountId: '123456789012' },
  eventSource: 'secretsmanager.amazonaws.com',
  eventName: 'RotateSecret',
  requestParameters: { secretId: 'orders', clientRequestToken: VERSION },
  responseElements: { aRN: ARN, name: 'orders', versionId: VERSION },
};

/** The record of an event of Secrets Manager itself. */
const SERVICE_EVENT = {
  eventVersion: '1.08',
  userIdentity: { accountId: '123456789012', invokedBy: 'secretsmanager.amazonaws.com' },
  eventSource: 'secretsmanager.amazonaws.com',
  eventName: 'RotationSucceeded',
  requestParameters: null,
  responseElements: null,
  additionalEventData: { SecretId: ARN },
  eventType: 'AwsServiceEvent',
};

function page(...records: unknown[]) {
  const events = records.map((record, index) => ({
    EventId: String(index),
    EventTime: 1_700_000_100 + index,
    CloudTrailEvent: typeof record === 'string' ? record : JSON.stringify(record),
  }));
  return { body: { Events: events } };
}

function trail(...answers: Answer[]) {
  const { config, requests } = clientConfig(...answers);
  const interruption = new AbortController();
  /** How many pages were read before each wait. */
  const waits: number[] = [];
  const pace = { wait: async () => void waits.push(requests.length) };
  const reading = { interrupted: interruption.signal, pace };
  return { trail: createEventsReader(new CloudTrailClient(config), reading), requests, waits, interruption };
}

describe('CloudTrail', () => {
  it('tells who called RotateSecret for which version', async () => {
    const { trail: read, requests } = trail(page(CALL));

    expect(await read('RotateSecret', PERIOD)).toEqual([
      { name: 'RotateSecret', at: 1_700_000_100_000, secretId: ARN, versionId: VERSION, principal: ROLE },
    ]);
    expect(requests[0]?.body).toEqual({
      LookupAttributes: [{ AttributeKey: 'EventName', AttributeValue: 'RotateSecret' }],
      StartTime: 1_700_000_000,
      EndTime: 1_700_086_400,
      MaxResults: 50,
    });
  });

  it('tells the events of Secrets Manager without a principal', async () => {
    const { trail: read } = trail(page(SERVICE_EVENT));

    const events = await read('RotationSucceeded', PERIOD);

    expect(events).toMatchObject([{ secretId: ARN, versionId: undefined, principal: undefined }]);
  });

  it('is read to its end, and waits before each page, because AWS allows two a second', async () => {
    const more = { body: { ...page(CALL).body, NextToken: 'more' } };
    const { trail: read, requests, waits } = trail(more, more, page(CALL));

    expect(await read('RotateSecret', PERIOD)).toHaveLength(3);
    expect(requests[2]?.body).toMatchObject({ NextToken: 'more' });
    expect(waits).toEqual([0, 1, 2]);
  });

  it('is read no further after Ctrl-C', async () => {
    const { trail: read, requests, interruption } = trail({ body: { NextToken: 'more' } });
    interruption.abort();

    await expect(read('RotateSecret', PERIOD)).rejects.toMatchObject({ name: 'AwsError', action: 'LookupEvents' });
    expect(requests).toHaveLength(1);
  });

  it('names a root user by its account, and a secret as the caller named it if there is no answer', async () => {
    const { responseElements: _, ...call } = CALL;
    const root = { ...call, userIdentity: { type: 'Root', accountId: '123456789012' } };
    const { trail: read } = trail(page(root));

    const events = await read('RotateSecret', PERIOD);

    expect(events).toMatchObject([{ secretId: 'orders', versionId: VERSION, principal: '123456789012' }]);
  });

  it.each([
    ['was refused', { ...CALL, errorCode: 'AccessDenied' }],
    ['is of another service', { ...CALL, eventSource: 'lambda.amazonaws.com' }],
    ['names no secret', { ...SERVICE_EVENT, additionalEventData: {} }],
    ['is no JSON', '{'],
  ])('leaves out an event that %s', async (_, record) => {
    const { trail: read } = trail(page(record, CALL));

    const events = await read('RotateSecret', PERIOD);

    expect(events.map(({ at }) => at)).toEqual([1_700_000_101_000]);
  });

  it('throws an AwsError if it may not look up events', async () => {
    const { trail: read } = trail({ status: 400, body: { __type: 'AccessDeniedException', message: 'no' } });

    await expect(read('RotateSecret', PERIOD)).rejects.toMatchObject({
      name: 'AwsError',
      kind: 'access-denied',
      action: 'LookupEvents',
    });
  });
});
