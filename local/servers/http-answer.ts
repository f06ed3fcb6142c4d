import type { ServerResponse } from 'node:http';

/** An answer of an imitated API. An object is sent as JSON. */
export interface HttpAnswer {
  readonly status: number;
  readonly body: string | object;
}

/**
 * A refusal that the API answers with HTTP 200, this code and the message. The message holds no
 * value of the request.
 */
export class Refusal extends Error {
  override readonly name = 'Refusal' as const;
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }

  get answer(): HttpAnswer {
    return { status: 200, body: { code: this.code, message: this.message } };
  }
}

export function send(response: ServerResponse, { status, body }: HttpAnswer): void {
  const isJson = typeof body === 'object';
  response.writeHead(status, { 'Content-Type': isJson ? 'application/json; charset=utf-8' : 'text/plain' });
  response.end(isJson ? JSON.stringify(body) : body);
}
