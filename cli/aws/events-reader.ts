import {
  type CloudTrailClient,
  type Event,
  type LookupEventsResponse,
  paginateLookupEvents,
} from '@aws-sdk/client-cloudtrail';
import type { Aws, TrailEvent, TrailEventName } from './aws.ts';
import type { Pace } from './pace.ts';
import { readPages } from './read-pages.ts';

/**
 * Reads CloudTrail's event history, which needs no trail of its own.
 *
 * @param reading `pace` of all pages
 */
export function createEventsReader(
  client: CloudTrailClient,
  reading: { readonly interrupted: AbortSignal; readonly pace: Pick<Pace, 'wait'> },
): Aws['readEvents'] {
  return async (name, { since, until }) => {
    await reading.pace.wait();
    const pages = paginateLookupEvents(
      { client, pageSize: 50 },
      {
        // CloudTrail accepts one attribute. The name of the event selects the fewest events.
        LookupAttributes: [{ AttributeKey: 'EventName', AttributeValue: name }],
        StartTime: new Date(since),
        EndTime: new Date(until),
      },
    );
    const toEvents = ({ Events = [] }: LookupEventsResponse) =>
      Events.flatMap((event) => toTrailEvent(name, event) ?? []);
    return await readPages('LookupEvents', pages, toEvents, reading);
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
