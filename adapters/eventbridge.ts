import { EventBridgeClient, type EventBridgeClientConfig, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { type RotatedEvent, toEntry } from '../protocol/rotation/rotated-event.ts';

/**
 * Sends the event to the default bus of the account and region.
 *
 * @throws Error whose name is AWS's code. AbortError: EventBridge gave no answer in time.
 */
export async function putRotatedEvent(
  event: RotatedEvent,
  timeoutMs: number,
  config: EventBridgeClientConfig = {},
): Promise<void> {
  const client = new EventBridgeClient(config);
  try {
    // Includes the repetitions of the SDK.
    const abortSignal = AbortSignal.timeout(timeoutMs);
    const { Entries: [entry] = [] } = await client.send(new PutEventsCommand({ Entries: [toEntry(event)] }), {
      abortSignal,
    });
    // PutEvents answers 200 and names the refused entries.
    if (entry?.ErrorCode !== undefined) {
      throw Object.assign(new Error('EventBridge refused the event.'), { name: entry.ErrorCode });
    }
  } finally {
    client.destroy();
  }
}
