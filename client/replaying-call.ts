import {
  InterceptingCall,
  type InterceptingListener,
  type Interceptor,
  type Metadata,
  type StatusObject,
} from '@grpc/grpc-js';
import { authorizationOf, type RefusalTest } from './milvus-token.ts';
import type { RotatingCredentials } from './rotating-credentials.ts';
import { abortAt, EXTRA_MS, STOPPED_MS } from './wait.ts';

// grpc-js does not export the names of these types.
type InterceptorOptions = Parameters<Interceptor>[0];
type Call = ReturnType<Parameters<Interceptor>[1]>;
type Context = Parameters<Call['sendMessageWithContext']>[0];

/**
 * Sends every unary call with the credential in use. If Milvus refuses the credential, repeats the
 * call with the next credential. Must be the last interceptor, so that each retry of the
 * interceptors before it is a call of its own. ASSUMPTION milvus-each-call
 */
export function replayInterceptor(credentials: RotatingCredentials, isRefusal: RefusalTest): Interceptor {
  return (options, nextCall) => new InterceptingCall(new ReplayingCall({ credentials, isRefusal, nextCall }, options));
}

interface Parts {
  readonly credentials: RotatingCredentials;
  readonly isRefusal: RefusalTest;
  readonly nextCall: (options: InterceptorOptions) => Call;
}

class ReplayingCall implements Call {
  readonly #parts: Parts;
  #options: InterceptorOptions;
  #listener: Partial<InterceptingListener> = {};
  /** The last attempt. */
  #call: Call | undefined;
  /** How the last attempt failed. Until this is delivered, the call waits for a version. */
  #failure: (Error & { readonly status: StatusObject }) | undefined;
  /** What the last attempt has received. The application gets it if no other attempt follows. */
  #received: (() => void)[] = [];
  /** What was asked of the call, for the next attempt. */
  readonly #requests: ((call: Call) => void)[] = [];
  readonly #waiting = new AbortController();
  #clearTimer: (() => void) | undefined;
  #cancellation: { readonly code: number; readonly details: string } | undefined;

  constructor(parts: Parts, options: InterceptorOptions) {
    this.#parts = parts;
    this.#options = options;
  }

  start(metadata: Metadata, listener: Partial<InterceptingListener> = {}): void {
    this.#listener = listener;
    this.#parts.credentials
      .use(
        ({ token }) => this.#send(metadata, token),
        (error) => this.#isRefusal(error),
        this.#waiting.signal,
      )
      .then(
        () => this.#deliver(),
        (error: Error) => this.#deliver(error),
      );
  }

  sendMessageWithContext(context: Context, content: unknown): void {
    this.#request((call) => call.sendMessageWithContext(context, content));
  }

  sendMessage(content: unknown): void {
    this.sendMessageWithContext({}, content);
  }

  startRead(): void {
    this.#request((call) => call.startRead());
  }

  halfClose(): void {
    this.#request((call) => call.halfClose());
  }

  cancelWithStatus(code: number, details: string): void {
    if (this.#failure !== undefined) {
      this.#cancellation = { code, details };
      this.#waiting.abort();
    } else {
      this.#call?.cancelWithStatus(code, details);
    }
  }

  getPeer(): string {
    return this.#call?.getPeer() ?? 'unknown';
  }

  getAuthContext(): ReturnType<Call['getAuthContext']> {
    return this.#call?.getAuthContext() ?? null;
  }

  #request(request: (call: Call) => void): void {
    this.#requests.push(request);
    if (this.#call !== undefined) {
      request(this.#call);
    }
  }

  /** Sends an attempt. Resolves when Milvus has accepted the token. */
  async #send(given: Metadata, token: string): Promise<void> {
    this.#waiting.signal.throwIfAborted();
    // Only a call whose process was stopped is repeated so late.
    if (this.#clearTimer !== undefined && Date.now() - this.#deadline >= STOPPED_MS) {
      this.#options = { ...this.#options, deadline: Date.now() + EXTRA_MS };
    }
    const metadata = given.clone();
    metadata.set('authorization', authorizationOf(token));
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    // Throws if the channel is closed. Then the application gets what the last attempt received.
    const call = this.#parts.nextCall(this.#options);
    const received: (() => void)[] = [];
    this.#received = received;
    this.#failure = undefined;
    this.#call = call;
    call.start(metadata, {
      onReceiveMetadata: (headers) => received.push(() => this.#listener.onReceiveMetadata?.(headers)),
      onReceiveMessage: (message: unknown) => received.push(() => this.#listener.onReceiveMessage?.(message)),
      onReceiveStatus: (status) => {
        received.push(() => this.#listener.onReceiveStatus?.(status));
        if (status.code === 0) {
          resolve();
        } else {
          this.#failure = Object.assign(new Error(status.details), { status });
          reject(this.#failure);
        }
      },
    });
    for (const request of this.#requests) {
      request(call);
    }
    await promise;
  }

  get #deadline(): number {
    return Number(this.#options.deadline ?? Number.POSITIVE_INFINITY);
  }

  #isRefusal(error: unknown): boolean {
    if (this.#failure === undefined || error !== this.#failure || !this.#parts.isRefusal(this.#failure.status)) {
      return false;
    }
    this.#clearTimer ??= abortAt(performance.now() + this.#deadline - Date.now(), this.#waiting);
    return true;
  }

  /** No other attempt follows. */
  #deliver(error?: Error): void {
    this.#clearTimer?.();
    if (this.#failure !== undefined && error !== undefined) {
      // The SDK copies the properties of the status to its error. The option isRefusal may throw.
      const cause = error === this.#failure ? error.cause : error;
      Object.assign(this.#failure.status, this.#cancellation ?? (cause !== undefined && { cause }));
    }
    for (const pass of this.#received) {
      pass();
    }
  }
}
