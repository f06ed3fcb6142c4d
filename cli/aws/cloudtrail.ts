import { type CloudTrailClient, type Event, LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import type { Trail, TrailEvent, TrailEventName } from './aws.ts';
import { answerOf } from './aws-error.ts';

const PAGE_SIZE = 50;

/** {@link Trail} on CloudTrail's event history, which needs no trail of its own. */
export function createCloudTrail(client: CloudTrailClient): Trail {
  return {
    readEvents: async (name, { since, until }, page) => {
      const command = new LookupEventsCommand({
        // CloudTrail accepts one attribute. The name of the event selects the fewest events.
        LookupAttributes: [{ AttributeKey: 'EventName', AttributeValue: name }],
        StartTime: new Date(since),
        EndTime: new Date(until),
        MaxResults: PAGE_SIZE,
        NextToken: page,
      });
      const { Events = [], NextToken } = await answerOf('LookupEvents', client.send(command));
      return { events: Events.flatMap((event) => toTrailEvent(name, event) ?? []), nextPage: NextToken };
    },
  };
}

/** @returns undefined for an event without a secret, such as a refused RotateSecret */
function toTrailEvent(name: TrailEventName, { EventTime, CloudTrailEvent }: Event): TrailEvent | undefined {
  const record = parseRecord(CloudTrailEvent);
  if (record['eventSource'] !== 'secretsmanager.amazonaws.com' || record['errorCode'] !== undefined) {
    return undefined;
  }
  const request = objectAt(record, 'requestParameters');
  const response = objectAt(record, 'responseElements');
  const service = objectAt(record, 'additionalEventData');
  // CloudTrail begins the names of parameters with a small letter, and ARN becomes aRN.
  const secretId =
    textAt(service, 'SecretId') ??
    textAt(service, 'secretId') ??
    textAt(response, 'aRN') ??
    textAt(response, 'arn') ??
    textAt(request, 'secretId');
  if (secretId === undefined || EventTime === undefined) {
    return undefined;
  }
  return {
    name,
    at: EventTime.getTime(),
    secretId,
    versionId: textAt(response, 'versionId') ?? textAt(request, 'clientRequestToken'),
    principal: principalOf(objectAt(record, 'userIdentity')),
  };
}

/** The ARN of a caller. The name of a role's session stays, because it often names a person. */
function principalOf(identity: Record<string, unknown>): string | undefined {
  return textAt(identity, 'arn') ?? (textAt(identity, 'type') === 'Root' ? textAt(identity, 'accountId') : undefined);
}

function parseRecord(text: string | undefined): Record<string, unknown> {
  try {
    return Object(JSON.parse(text ?? '{}')) as Record<string, unknown>;
  } catch {
    return {};
  }
}

function objectAt(record: Record<string, unknown>, key: string): Record<string, unknown> {
  return Object(record[key] ?? {}) as Record<string, unknown>;
}

function textAt(record: Record<string, unknown>, key: string): string | undefined {
  const value = record[key];
  return typeof value === 'string' ? value : undefined;
}
