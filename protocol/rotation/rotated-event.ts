/** The events of this product on EventBridge: the pattern of a rule, and what IAM compares. */
export const ROTATED_EVENT = { source: 'zilliz.rotation', detailType: 'Credential Rotated' } as const;

/** The `detail` of the event. It holds no secret. */
export interface RotatedEvent {
  readonly secretArn: string;
  readonly secretName: string;
  /** The version that holds AWSCURRENT now. */
  readonly versionId: string;
  /**
   * When AWSCURRENT moved, or at most some seconds later: `2026-01-31T09:00:00.123Z`.
   * EventBridge's own `time` has whole seconds, too few to order the event and a deployment.
   */
  readonly rotatedAt: string;
}

/** The event as an entry of PutEvents. Without a name of a bus, the default bus gets it. */
export function toEntry(event: RotatedEvent): { Source: string; DetailType: string; Detail: string } {
  return { Source: ROTATED_EVENT.source, DetailType: ROTATED_EVENT.detailType, Detail: JSON.stringify(event) };
}
