import {
  InterceptingCall,
  type InterceptingListener,
  type Interceptor,
  type Metadata,
  type StatusObject,
} from '@grpc/grpc-js';
import type { RotatingCredentials } from './rotating-credentials.ts';

type InterceptorOptions = Parameters<Interceptor>[0];
type NextCall = Parameters<Interceptor>[1];
/** grpc-js does not export the name of this type. */
type Call = ReturnType<NextCall>;
type Context = Parameters<Call['sendMessageWithContext']>[0];

/** Whether a status of gRPC says that Milvus has refused the token. */
export type RefusalTest = (status: { readonly code: number; readonly details: string }) => boolean;

const UNAUTHENTICATED = 16;

/** Recognises the words of Milvus. A gateway with the same code says nothing about the token. */
export const isMilvusRefusal: RefusalTest = ({ code, details }) =>
  code === UNAUTHENTICATED && /auth check failure/i.test(details);

/** If a deadline is noticed this much later, the process was stopped. */
const STOPPED_MS = 1000;

/** The time for one read of the secret and one repetition, after the process was stopped. */
const EXTRA_MS = 5000;

/**
 * Sends every call with the credential in use. If Milvus refuses the credential, repeats the call
 * with the next credential. Must be the last interceptor, so that each retry of the interceptors
 * before it is a call of its own.
 */
export function replayInterceptor(credentials: RotatingCredentials, isRefusal: RefusalTest): Interceptor {
  return (options, nextCall) => new InterceptingCall(new ReplayingCall(options, nextCall, credentials, isRefusal));
}

/** The value of the header `authorization` that Milvus expects. */
export function authorizationOf(token: string): string {
  return Buffer.from(token).toString('base64');
}

/** An attempt ended with another status than OK. */
class AttemptFailed extends Error {
  readonly status: StatusObject;

  constructor(status: StatusObject) {
    super(status.details);
    this.status = status;
  }
}

class ReplayingCall implements Call {
  readonly #nextCall: NextCall;
  readonly #credentials: RotatingCredentials;
  readonly #refusalTest: RefusalTest;
  #options: InterceptorOptions;
  #listener: Partial<InterceptingListener> = {};
  /** The last attempt, which has been refused if the call waits. */
  #call: Call | undefined;
  /** What the last attempt has received, until it is known that the attempt is the last one. */
  #received: (() => void)[] | undefined = [];
  /** How the last attempt ended. */
  #failed: AttemptFailed | undefined;
  #message: { readonly context: Context; readonly content: unknown } | undefined;
  #isHalfClosed = false;
  #isReading = false;
  #isWaiting = false;
  readonly #waiting = new AbortController();
  #deadlineTimer: NodeJS.Timeout | undefined;
  #cancellation: { readonly code: number; readonly details: string } | undefined;

  constructor(
    options: InterceptorOptions,
    nextCall: NextCall,
    credentials: RotatingCredentials,
    refusalTest: RefusalTest,
  ) {
    this.#options = options;
    this.#nextCall = nextCall;
    this.#credentials = credentials;
    this.#refusalTest = refusalTest;
  }

  start(metadata: Metadata, listener: Partial<InterceptingListener> = {}): void {
    this.#listener = listener;
    this.#credentials
      .use(
        ({ token }) => this.#send(metadata, token),
        (error) => this.#waitsAfter(error),
        this.#waiting.signal,
      )
      .then(
        () => this.#deliver(),
        (error: Error) => this.#deliver(error),
      );
  }

  sendMessageWithContext(context: Context, content: unknown): void {
    this.#message = { context, content };
    this.#call?.sendMessageWithContext(context, content);
  }

  sendMessage(content: unknown): void {
    this.sendMessageWithContext({}, content);
  }

  startRead(): void {
    this.#isReading = true;
    this.#call?.startRead();
  }

  halfClose(): void {
    this.#isHalfClosed = true;
    this.#call?.halfClose();
  }

  cancelWithStatus(code: number, details: string): void {
    if (this.#isWaiting) {
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

  /** Sends an attempt. Resolves when Milvus has accepted the token. */
  async #send(given: Metadata, token: string): Promise<void> {
    clearTimeout(this.#deadlineTimer);
    this.#waiting.signal.throwIfAborted();
    this.#isWaiting = false;
    const metadata = given.clone();
    metadata.set('authorization', authorizationOf(token));
    const call = this.#nextCall(this.#options);
    this.#call = call;
    this.#received = [];
    this.#failed = undefined;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    call.start(metadata, {
      onReceiveMetadata: (headers) => this.#receive(() => this.#listener.onReceiveMetadata?.(headers)),
      onReceiveMessage: (message: unknown) => {
        // grpc-js delivers null before the status of a call without an answer.
        if (message !== null) {
          resolve();
        }
        this.#receive(() => this.#listener.onReceiveMessage?.(message));
      },
      onReceiveStatus: (status) => {
        if (status.code === 0) {
          resolve();
        } else {
          this.#failed = new AttemptFailed(status);
          reject(this.#failed);
        }
        this.#receive(() => this.#listener.onReceiveStatus?.(status));
      },
    });
    this.#repeatRequest(call);
    await promise;
  }

  #repeatRequest(call: Call): void {
    if (this.#isReading) {
      call.startRead();
    }
    if (this.#message !== undefined) {
      const { flags } = this.#message.context;
      call.sendMessageWithContext(flags === undefined ? {} : { flags }, this.#message.content);
    }
    if (this.#isHalfClosed) {
      call.halfClose();
    }
  }

  #receive(pass: () => void): void {
    if (this.#received === undefined) {
      pass();
    } else {
      this.#received.push(pass);
    }
  }

  /** No other attempt follows: passes on what was received, and from now on everything at once. */
  #deliver(error?: Error): void {
    clearTimeout(this.#deadlineTimer);
    this.#message = undefined;
    if (this.#failed !== undefined && error !== undefined) {
      // The SDK copies the properties of the status to its error. The option isRefusal may throw.
      const cause = error === this.#failed ? error.cause : error;
      Object.assign(this.#failed.status, this.#cancellation ?? (cause !== undefined && { cause }));
    }
    const received = this.#received ?? [];
    this.#received = undefined;
    for (const pass of received) {
      pass();
    }
  }

  #waitsAfter(error: unknown): boolean {
    // The messages of a client stream are not kept, so a client stream cannot be repeated.
    const isRefusal =
      error instanceof AttemptFailed &&
      !this.#options.method_definition.requestStream &&
      this.#refusalTest(error.status);
    if (isRefusal) {
      this.#isWaiting = true;
      this.#waitUntilDeadline();
    }
    return isRefusal;
  }

  #waitUntilDeadline(): void {
    const deadline = Number(this.#options.deadline ?? Number.POSITIVE_INFINITY);
    const remainingMs = Math.max(0, deadline - Date.now());
    if (remainingMs >= 2 ** 31) {
      return;
    }
    this.#deadlineTimer = setTimeout(() => {
      if (Date.now() - deadline < STOPPED_MS) {
        this.#waiting.abort();
        return;
      }
      // A call reads the secret at least once, also if the process was stopped meanwhile.
      this.#options = { ...this.#options, deadline: Date.now() + EXTRA_MS };
      this.#waitUntilDeadline();
    }, remainingMs);
  }
}
