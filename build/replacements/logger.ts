/** Prints nothing. */
class SilentLogger {
  level = '';
  defaultMeta: object = {};
  debug(): void {}
  info(): void {}
  warn(): void {}
  error(): void {}
}

export const logger: SilentLogger = new SilentLogger();
