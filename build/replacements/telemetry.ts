/** Records nothing, as with `telemetry: { enabled: false }`. */
export class ClientTelemetryManager {
  setSdkVersion(): void {}
  start(): void {}
  stop(): void {}
  recordOperation(): void {}
}
