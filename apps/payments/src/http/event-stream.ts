import type { ServerResponse } from 'node:http';
import type { Cancel, EventEnvelope, Log, Scheduler, SessionId } from '@sordino/core';
import type { Caller, SessionService } from '@sordino/payments';
import {
  STREAM_HEARTBEAT_MS,
  STREAM_PAGE_EVENTS,
  STREAM_RETRY_MS,
  STREAM_STALL_MS,
  STREAMS_MAX,
  STREAMS_PER_SESSION_MAX,
} from '../limits.ts';
import { HttpProblem } from './problem-details.ts';

export interface StreamDeps {
  readonly service: Pick<SessionService, 'events' | 'subscribe'>;
  readonly scheduler: Scheduler;
  readonly log: Log;
}

export interface StreamRequest {
  readonly caller: Caller;
  readonly session: SessionId;
  /** Events with a greater `seq` are sent. */
  readonly after: number;
  /** Unix ms when the credential expires; the stream ends then. */
  readonly expires: number | undefined;
  readonly response: ServerResponse;
}

/** All open streams of the process: counts them and ends them. */
export class EventStreams {
  readonly #deps: StreamDeps;
  readonly #open = new Map<EventStream, SessionId>();
  #closed = false;

  constructor(deps: StreamDeps) {
    this.#deps = deps;
  }

  /** Throws 429 over the limits. The caller has checked that the session may be seen. */
  open(request: StreamRequest): void {
    const ofSession = [...this.#open.values()].filter((session) => session === request.session).length;
    if (this.#closed || this.#open.size >= STREAMS_MAX || ofSession >= STREAMS_PER_SESSION_MAX)
      throw tooMany();
    const stream = new EventStream(this.#deps, request, () => this.#open.delete(stream));
    this.#open.set(stream, request.session);
    stream.start();
  }

  get size(): number {
    return this.#open.size;
  }

  close(): void {
    this.#closed = true;
    for (const stream of [...this.#open.keys()]) stream.end();
  }
}

/**
 * One client. The store is the source and the subscription only wakes it up, so nothing is missed between replay and live, and
 * nothing queues here: while the socket is full the events stay in the store.
 */
class EventStream {
  readonly #deps: StreamDeps;
  readonly #request: StreamRequest;
  readonly #onEnd: () => void;
  #last: number;
  #stall: Cancel | undefined;
  #heartbeat: Cancel = () => {};
  #expiry: Cancel = () => {};
  #unsubscribe: () => void = () => {};
  #ended = false;

  constructor(deps: StreamDeps, request: StreamRequest, onEnd: () => void) {
    this.#deps = deps;
    this.#request = request;
    this.#onEnd = onEnd;
    this.#last = request.after;
  }

  start(): void {
    const { response, session, expires } = this.#request;
    response.writeHead(200, {
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-store',
      // nginx would hold events back.
      'X-Accel-Buffering': 'no',
    });
    response.on('close', () => this.#finish());
    response.on('drain', () => this.#resume());
    this.#unsubscribe = this.#deps.service.subscribe(session, (event) => this.#onLive(event));
    this.#beat();
    if (expires !== undefined) {
      const { scheduler } = this.#deps;
      this.#expiry = scheduler.after(Math.max(0, expires - scheduler.wallMs()), () => this.end());
    }
    this.#write(`retry: ${STREAM_RETRY_MS}\n\n`);
    this.#pump();
  }

  end(): void {
    this.#request.response.end();
    this.#finish();
  }

  #onLive(event: EventEnvelope): void {
    this.#pump();
    if (!this.#ended && !this.#stall && event.seq === this.#last + 1) this.#send(event);
  }

  #pump(): void {
    const { caller, session } = this.#request;
    while (!this.#ended && !this.#stall) {
      const page = this.#deps.service.events(caller, session, this.#last, STREAM_PAGE_EVENTS);
      if (!page.ok) {
        this.end();
        return;
      }
      if (page.value.data.length === 0) return;
      for (const event of page.value.data) this.#send(event);
    }
  }

  #send(event: EventEnvelope): void {
    this.#last = event.seq;
    this.#write(`id: ${event.seq}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
  }

  /** What is written when the socket is full is buffered by Node: at most the rest of one page. */
  #write(text: string): void {
    if (this.#ended || this.#request.response.write(text) || this.#stall) return;
    this.#stall = this.#deps.scheduler.after(STREAM_STALL_MS, () => this.#drop());
  }

  #resume(): void {
    this.#stall?.();
    this.#stall = undefined;
    this.#pump();
  }

  #drop(): void {
    this.#deps.log.warn('dropped an event stream whose client takes nothing', {
      session: this.#request.session,
      last_seq: this.#last,
    });
    this.#request.response.destroy();
    this.#finish();
  }

  #beat(): void {
    this.#heartbeat = this.#deps.scheduler.after(STREAM_HEARTBEAT_MS, () => {
      if (!this.#stall) this.#write(': still here\n\n');
      this.#beat();
    });
  }

  #finish(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#unsubscribe();
    this.#heartbeat();
    this.#expiry();
    this.#stall?.();
    this.#onEnd();
  }
}

function tooMany(): HttpProblem {
  return new HttpProblem({
    status: 429,
    type: 'rate_limit_error',
    code: 'too_many_streams',
    message: `Too many event streams are open (at most ${STREAMS_PER_SESSION_MAX} of one session). Close one, or poll GET …/events?after=.`,
    retryable: true,
    headers: { 'Retry-After': '5' },
  });
}
