import {
  InterceptingCall,
  type InterceptingListener,
  type Interceptor,
  type Metadata,
  type StatusObject,
} from '@grpc/grpc-js';
import { isGatewayAnswer } from '../adapters/grpc/gateway-answer.ts';
import type { Attempts } from './refresh/attempts.ts';
import type { RotatingCredentials } from './refresh/rotating-credentials.ts';

type InterceptorOptions = Parameters<Interceptor>[0];
type NextCall = Parameters<Interceptor>[1];
/** grpc-js does not export the name of this type. */
type Call = ReturnType<NextCall>;
type Context = Parameters<Call['sendMessageWithContext']>[0];

const UNAUTHENTICATED = 16;

/**
 * Sends every call with the credential in use. If Milvus refuses the credential, repeats the call
 * with the next credential. Must be the last interceptor, so that each retry of the interceptors
 * before it is a call of its own.
 */
export function replayInterceptor(credentials: RotatingCredentials): Interceptor {
  return (options, nextCall) => new InterceptingCall(new ReplayingCall(options, nextCall, credentials.attempts()));
}

/** The value of the header `authorization` that Milvus expects. */
export function authorizationOf(token: string): string {
  return Buffer.from(token).toString('base64');
}

class ReplayingCall implements Call {
  readonly #attempts: Attempts;
  readonly #options: InterceptorOptions;
  readonly #nextCall: NextCall;
  /** The attempt that runs, or the refused one during the wait for a credential. */
  #call: Call;
  #listener: Partial<InterceptingListener> = {};
  #message: { readonly context: Context; readonly content: unknown } | undefined;
  #isHalfClosed = false;
  #isReading = false;
  /** The refusal that waits for the next credential. `undefined` if the call does not wait. */
  #wait: { readonly refusal: StatusObject; readonly controller: AbortController } | undefined;

  constructor(options: InterceptorOptions, nextCall: NextCall, attempts: Attempts) {
    this.#options = options;
    this.#nextCall = nextCall;
    this.#attempts = attempts;
    this.#call = nextCall(options);
  }

  start(metadata: Metadata, listener: Partial<InterceptingListener> = {}): void {
    this.#listener = listener;
    this.#startAttempt(metadata);
  }

  sendMessageWithContext(context: Context, content: unknown): void {
    this.#message = { context, content };
    this.#call.sendMessageWithContext(context, content);
  }

  sendMessage(content: unknown): void {
    this.sendMessageWithContext({}, content);
  }

  startRead(): void {
    this.#isReading = true;
    this.#call.startRead();
  }

  halfClose(): void {
    this.#isHalfClosed = true;
    this.#call.halfClose();
  }

  cancelWithStatus(code: number, details: string): void {
    if (this.#wait === undefined) {
      this.#call.cancelWithStatus(code, details);
      return;
    }
    const { refusal, controller } = this.#wait;
    this.#wait = undefined;
    controller.abort();
    this.#listener.onReceiveStatus?.({ ...refusal, code, details });
  }

  getPeer(): string {
    return this.#call.getPeer();
  }

  getAuthContext(): ReturnType<Call['getAuthContext']> {
    return this.#call.getAuthContext();
  }

  #startAttempt(given: Metadata): void {
    const metadata = given.clone();
    metadata.set('authorization', authorizationOf(this.#attempts.credential.token));
    // Holds the metadata and messages of an attempt. A refusal of the attempt drops them.
    const held: (() => void)[] = [];
    let isAnswered = false;
    const deliver = (action: () => void): void => {
      held.push(action);
      if (isAnswered) {
        for (const next of held.splice(0)) {
          next();
        }
      }
    };
    this.#call.start(metadata, {
      onReceiveMetadata: (headers) => deliver(() => this.#listener.onReceiveMetadata?.(headers)),
      onReceiveMessage: (message: unknown) => {
        // grpc-js delivers null before the status of a call without an answer.
        if (message !== null && !isAnswered) {
          isAnswered = true;
          this.#message = undefined;
          this.#attempts.accepted();
        }
        deliver(() => this.#listener.onReceiveMessage?.(message));
      },
      onReceiveStatus: (status) => {
        if (!isAnswered && this.#isRefusal(status)) {
          void this.#repeat(status, given, () => {
            isAnswered = true;
            deliver(() => this.#listener.onReceiveStatus?.(status));
          });
          return;
        }
        if (status.code === 0 && !isAnswered) {
          this.#attempts.accepted();
        }
        isAnswered = true;
        deliver(() => this.#listener.onReceiveStatus?.(status));
      },
    });
  }

  #isRefusal({ code, details }: StatusObject): boolean {
    // Milvus always gives details. Old releases of grpc-js give none for a gateway's HTTP 401.
    const isFromMilvus = details !== '' && !isGatewayAnswer(details);
    // The messages of a client stream are not kept, so a client stream cannot be repeated.
    return code === UNAUTHENTICATED && isFromMilvus && !this.#options.method_definition.requestStream;
  }

  /** Waits for the next credential, at most until the deadline of the call. */
  async #repeat(refusal: StatusObject, metadata: Metadata, giveUp: () => void): Promise<void> {
    const wait = { refusal, controller: new AbortController() };
    this.#wait = wait;
    const remainingMs = Math.max(0, Number(this.#options.deadline ?? Number.POSITIVE_INFINITY) - Date.now());
    const timer = remainingMs < 2 ** 31 ? setTimeout(() => wait.controller.abort(), remainingMs) : undefined;
    const next = await this.#attempts.refused(wait.controller.signal);
    clearTimeout(timer);
    if (this.#wait !== wait) {
      return;
    }
    this.#wait = undefined;
    if (next === undefined) {
      giveUp();
      return;
    }
    this.#call = this.#nextCall(this.#options);
    this.#startAttempt(metadata);
    if (this.#isReading) {
      this.#call.startRead();
    }
    if (this.#message !== undefined) {
      const { flags } = this.#message.context;
      this.#call.sendMessageWithContext(flags === undefined ? {} : { flags }, this.#message.content);
    }
    if (this.#isHalfClosed) {
      this.#call.halfClose();
    }
  }
}
