import { type CloudTrailClient, type Event, LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import type { Aws, TrailEvent, TrailEventName } from './aws.ts';
import { answerOf } from './aws-error.ts';

const PAGE_SIZE = 50;

/** Reads CloudTrail's event history, which needs no trail of its own. */
export function createEventsReader(client: CloudTrailClient): Aws['readEvents'] {
  return async (name, { since, until }, page) => {
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
  };
}

/** What the command reads of a record. Each member may be missing, or null. */
interface Recorded {
  readonly eventSource?: string;
  readonly errorCode?: string;
  readonly userIdentity?: { readonly type?: string; readonly arn?: string; readonly accountId?: string } | null;
  // CloudTrail begins the names of parameters with a small letter, and ARN becomes aRN.
  readonly requestParameters?: { readonly secretId?: string; readonly clientRequestToken?: string } | null;
  readonly responseElements?: { readonly aRN?: string; readonly arn?: string; readonly versionId?: string } | null;
  readonly additionalEventData?: { readonly SecretId?: string; readonly secretId?: string } | null;
}

/** @returns undefined for an event without a secret, such as a refused RotateSecret */
function toTrailEvent(name: TrailEventName, { EventTime, CloudTrailEvent }: Event): TrailEvent | undefined {
  const recorded = parseRecord(CloudTrailEvent);
  const { userIdentity: identity, requestParameters: request, responseElements: response } = recorded;
  const service = recorded.additionalEventData;
  const secretId = service?.SecretId ?? service?.secretId ?? response?.aRN ?? response?.arn ?? request?.secretId;
  const isOfCall = recorded.eventSource === 'secretsmanager.amazonaws.com' && recorded.errorCode === undefined;
  return !isOfCall || secretId === undefined || EventTime === undefined
    ? undefined
    : {
        name,
        at: EventTime.getTime(),
        secretId,
        versionId: response?.versionId ?? request?.clientRequestToken,
        // The ARN of a caller. The name of a role's session stays, because it often names a person.
        principal: identity?.arn ?? (identity?.type === 'Root' ? identity.accountId : undefined),
      };
}

function parseRecord(text: string | undefined): Recorded {
  try {
    return Object(JSON.parse(text ?? '{}')) as Recorded;
  } catch {
    return {};
  }
}
