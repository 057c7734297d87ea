import type { TcpLimits } from './tcp-limits.ts';

/** What came out of a stream, in order. After `broken` the stream cannot be read any further: where the next message starts is unknown. */
export type Frame =
  /** Valid until the next `push`. */
  | { readonly kind: 'message'; readonly raw: Uint8Array }
  /** CRLF CRLF between messages: RFC 5626 §3.5.1 wants a CRLF back. */
  | { readonly kind: 'ping' }
  /** `raw` is what there is of the message, to answer it where that is possible. */
  | { readonly kind: 'broken'; readonly raw: Uint8Array; readonly problem: string };

const CR = 0x0d;
const LF = 0x0a;
const FIRST_BUFFER_BYTES = 2_048;

const ascii = new TextDecoder('latin1');

/**
 * Cuts a byte stream into messages by Content-Length (RFC 3261 §18.3). Each octet is looked at once and copied at most
 * twice (the buffer doubles), however small the pieces are that a peer sends.
 */
export class TcpFramer {
  readonly #limits: Pick<TcpLimits, 'messageBytes' | 'headerBytes'>;
  #buffer = new Uint8Array(FIRST_BUFFER_BYTES);
  /** Filled part of the buffer. */
  #start = 0;
  #end = 0;
  /** No CRLF CRLF starts before this index. */
  #searched = 0;
  /** Whole length of the message at `#start`, once its headers are here. */
  #messageBytes: number | undefined;
  #firstLineSeen = false;
  /** CR LF pairs seen in a row between two messages. */
  #emptyLines = 0;
  #broken = false;

  constructor(limits: Pick<TcpLimits, 'messageBytes' | 'headerBytes'>) {
    this.#limits = limits;
  }

  /** True while a message has begun and is not whole: the connection's message timer runs. */
  get hasPartialMessage(): boolean {
    return this.#end > this.#start;
  }

  /** The CRLF that came last answered a ping of ours: with the next one it makes no ping of the peer's. */
  endOfPong(): void {
    this.#emptyLines = 0;
  }

  push(chunk: Uint8Array): Frame[] {
    const frames: Frame[] = [];
    if (this.#broken) return frames;
    this.#append(chunk);
    for (let frame = this.#next(frames); frame !== undefined; frame = this.#next(frames)) {
      frames.push(frame);
      if (frame.kind === 'broken') {
        this.#broken = true;
        break;
      }
    }
    if (this.#start === this.#end) {
      this.#start = this.#end = this.#searched = 0;
      // One long message must not hold a long buffer for the life of a quiet connection.
      if (this.#buffer.length > FIRST_BUFFER_BYTES) this.#buffer = new Uint8Array(FIRST_BUFFER_BYTES);
    }
    return frames;
  }

  #append(chunk: Uint8Array): void {
    const held = this.#end - this.#start;
    if (this.#end + chunk.length > this.#buffer.length) {
      let size = this.#buffer.length;
      while (size < held + chunk.length) size *= 2;
      // A fresh array also where it only moves: frames of the last push may still be looked at.
      const next = new Uint8Array(size);
      next.set(this.#buffer.subarray(this.#start, this.#end));
      this.#searched = Math.max(0, this.#searched - this.#start);
      this.#buffer = next;
      this.#start = 0;
      this.#end = held;
    }
    this.#buffer.set(chunk, this.#end);
    this.#end += chunk.length;
  }

  #next(frames: Frame[]): Frame | undefined {
    if (this.#messageBytes === undefined) {
      this.#takeEmptyLines(frames);
      const broken = this.#readHead();
      if (broken !== undefined) return this.#break(broken);
    }
    if (this.#messageBytes === undefined || this.#end - this.#start < this.#messageBytes) return undefined;
    const raw = this.#buffer.subarray(this.#start, this.#start + this.#messageBytes);
    this.#start += this.#messageBytes;
    this.#searched = this.#start;
    this.#messageBytes = undefined;
    this.#firstLineSeen = false;
    return { kind: 'message', raw };
  }

  #takeEmptyLines(frames: Frame[]): void {
    while (
      this.#buffer[this.#start] === CR &&
      this.#buffer[this.#start + 1] === LF &&
      this.#end - this.#start >= 2
    ) {
      this.#start += 2;
      this.#searched = Math.max(this.#searched, this.#start);
      this.#emptyLines++;
      if (this.#emptyLines === 2) {
        this.#emptyLines = 0;
        frames.push({ kind: 'ping' });
      }
    }
    if (this.#end - this.#start > 1) this.#emptyLines = 0;
  }

  /** Looks for the end of the headers; returns what makes the stream unreadable. */
  #readHead(): string | undefined {
    const { headerBytes, messageBytes } = this.#limits;
    const b = this.#buffer;
    for (let i = this.#searched; i + 1 < this.#end; i++) {
      this.#searched = i;
      if (b[i] !== CR || b[i + 1] !== LF) continue;
      if (!this.#firstLineSeen) {
        this.#firstLineSeen = true;
        const line = ascii.decode(b.subarray(this.#start, i));
        // Web clients and port scanners are shown the door at once, not after the message timeout.
        if (!/^SIP\/|[ \t]SIP\/[0-9.]+[ \t]*$/i.test(line)) return 'the first line is not SIP';
      }
      if (i + 3 >= this.#end) break;
      if (b[i + 2] !== CR || b[i + 3] !== LF) continue;
      const headBytes = i + 4 - this.#start;
      if (headBytes > headerBytes) return 'the headers are too long';
      const length = contentLength(ascii.decode(b.subarray(this.#start, i)));
      if (typeof length === 'string') return length;
      if (headBytes + length > messageBytes) return 'the message is too long';
      this.#messageBytes = headBytes + length;
      return undefined;
    }
    return this.#end - this.#start > headerBytes ? 'the headers are too long' : undefined;
  }

  #break(problem: string): Frame {
    return { kind: 'broken', raw: this.#buffer.subarray(this.#start, this.#end), problem };
  }
}

/** The one Content-Length among the header lines, or what is wrong with it. */
function contentLength(head: string): number | string {
  const values = [
    ...head.replace(/\r\n[ \t]+/g, ' ').matchAll(/\r\n(?:content-length|l)[ \t]*:([^\r\n]*)/gi),
  ];
  if (values.length !== 1)
    return values.length === 0 ? 'Content-Length is missing' : 'Content-Length occurs twice';
  const text = (values[0]?.[1] ?? '').trim();
  return /^[0-9]{1,15}$/.test(text) ? Number(text) : 'Content-Length is not a number';
}
