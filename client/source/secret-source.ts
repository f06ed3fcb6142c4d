/** The labels of the versions that may hold the password in force. */
export type Stage = 'AWSCURRENT' | 'AWSPENDING';

/** One version of the secret. */
export interface SecretVersion {
  readonly versionId: string;
  readonly value: string;
}

/** Port to the secret. {@link secretsManagerSource} is its adapter. */
export interface SecretSource {
  /**
   * @returns undefined if no version with a value has the label AWSPENDING.
   * @throws SecretStoreError, also if the signal is aborted.
   */
  read(stage: Stage, signal: AbortSignal): Promise<SecretVersion | undefined>;
  /**
   * The end of the window of the next rotation.
   *
   * Never rejects.
   *
   * @returns undefined if there is no schedule, or if the application may not know the schedule.
   */
  nextRotation(signal: AbortSignal): Promise<Date | undefined>;
  close(): void;
}
