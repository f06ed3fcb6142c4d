const PREFACE = 'PRI * HTTP/2.0';
const PREFACE_LENGTH = 24;
const FRAME_HEADER = 9;
const HEADERS = 1;

export interface Frame {
  readonly bytes: Buffer;
  /** The stream id of a HEADERS frame, which starts a request or an answer. */
  readonly headersOf: number | undefined;
}

/** Splits the bytes of one direction of an HTTP/2 connection into frames. */
export class Http2Frames {
  #rest: Buffer = Buffer.alloc(0);

  /** @returns the frames that these bytes complete. */
  next(bytes: Buffer): readonly Frame[] {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    const frames: Frame[] = [];
    for (let length = this.#length(); length !== undefined; length = this.#length()) {
      const frame = this.#rest.subarray(0, length);
      const isHeaders = !this.#isPreface() && frame[3] === HEADERS;
      frames.push({ bytes: frame, headersOf: isHeaders ? frame.readUInt32BE(5) & 0x7fffffff : undefined });
      this.#rest = this.#rest.subarray(length);
    }
    return frames;
  }

  #isPreface(): boolean {
    return this.#rest.toString('latin1', 0, PREFACE.length) === PREFACE;
  }

  /** The length of the first frame, if the frame is complete. */
  #length(): number | undefined {
    if (this.#rest.length < FRAME_HEADER) {
      return undefined;
    }
    const length = this.#isPreface() ? PREFACE_LENGTH : FRAME_HEADER + this.#rest.readUIntBE(0, 3);
    return length <= this.#rest.length ? length : undefined;
  }
}
