import { get, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { EventEnvelope } from '@sordino/core';
import { STREAM_HEARTBEAT_MS, STREAM_STALL_MS, STREAMS_PER_SESSION_MAX } from '../limits.ts';
import { KEY_A, PaymentsServer } from '../testing/payments-server.ts';

let server: PaymentsServer;
beforeAll(async () => {
  server = await PaymentsServer.start();
});
beforeEach(() => server.reset());
afterAll(() => server.close());

interface Frame {
  readonly id: string;
  readonly event: string;
  readonly data: EventEnvelope;
}

/** A client that reads, until it is told not to. */
class Follower {
  readonly status: number;
  readonly response: IncomingMessage;
  readonly frames: Frame[] = [];
  heartbeats = 0;
  ended = false;
  #rest = '';
  #wake: () => void = () => {};

  constructor(response: IncomingMessage) {
    this.response = response;
    this.status = response.statusCode ?? 0;
    response.setEncoding('utf8');
    response.on('data', (data) => this.#take(data));
    const end = () => {
      this.ended = true;
      this.#wake();
    };
    response.on('close', end).on('error', end);
  }

  #take(data: string): void {
    const blocks = (this.#rest + data).split('\n\n');
    this.#rest = blocks.pop() ?? '';
    for (const block of blocks) {
      if (block === ': still here') this.heartbeats++;
      const [, id = '', event = '', json] = /^id: (.*)\nevent: (.*)\ndata: (.*)$/.exec(block) ?? [];
      if (json !== undefined) this.frames.push({ id, event, data: JSON.parse(json) });
    }
    this.#wake();
  }

  static open(id: string, query = '', headers: Record<string, string> = {}, key = KEY_A): Promise<Follower> {
    const url = `${server.url}/v1/sessions/${id}/events/stream${query}`;
    return new Promise((resolve, reject) => {
      const request = get(url, { agent: false, headers: { Authorization: `Bearer ${key}`, ...headers } });
      request.on('response', (response) => resolve(new Follower(response))).on('error', reject);
    });
  }

  get seqs(): number[] {
    return this.frames.map((frame) => frame.data.seq);
  }

  async until(done: (follower: this) => boolean): Promise<void> {
    while (!done(this))
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
  }

  close(): void {
    this.response.destroy();
  }
}

const upTo = (n: number) => Array.from({ length: n }, (_, index) => index + 1);

describe('a stream of events', () => {
  it('replays, then follows, each event once and in order', async () => {
    const { id } = await server.aSession();
    for (const length of upTo(120)) server.scripted.emit(id, 'field.progress', { length });
    const follower = await Follower.open(id);
    expect(follower.response.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
    });
    await follower.until(({ seqs }) => seqs.length >= 121);
    for (const length of upTo(30)) server.scripted.emit(id, 'field.progress', { length });
    await follower.until(({ seqs }) => seqs.length >= 151);
    expect(follower.seqs).toEqual(upTo(151));
    const [first] = follower.frames;
    expect(first).toMatchObject({
      id: '1',
      event: 'session.created',
      data: { type: 'session.created', session: id },
    });
    follower.close();
  });

  it('misses nothing that happens while it is opened', async () => {
    const { id } = await server.aSession();
    const opening = Array.from({ length: 10 }, () => Follower.open(id));
    const emitting = (async () => {
      for (const length of upTo(300)) {
        server.scripted.emit(id, 'field.progress', { length });
        if (length % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    const followers = await Promise.all(opening);
    await emitting;
    for (const follower of followers) {
      await follower.until(({ seqs }) => seqs.at(-1) === 301);
      expect(follower.seqs).toEqual(upTo(301));
      follower.close();
    }
  });

  it.each<[string, string, Record<string, string>]>([
    ['after=', '?after=3', {}],
    ['Last-Event-ID', '', { 'Last-Event-ID': '3' }],
    ['Last-Event-ID before after=', '?after=1', { 'Last-Event-ID': '3' }],
  ])('goes on where the client was: %s', async (_case, query, headers) => {
    const { id } = await server.aSession();
    for (const length of upTo(5)) server.scripted.emit(id, 'field.progress', { length });
    const follower = await Follower.open(id, query, headers);
    await follower.until(({ seqs }) => seqs.length >= 3);
    expect(follower.seqs).toEqual([4, 5, 6]);
    follower.close();
  });

  it('shows that it is alive when nothing happens', async () => {
    const { id } = await server.aSession();
    const follower = await Follower.open(id);
    await follower.until(({ seqs }) => seqs.length === 1);
    server.scheduler.advance(2 * STREAM_HEARTBEAT_MS);
    await follower.until(({ heartbeats }) => heartbeats === 2);
    follower.close();
  });

  it('is forgotten when the client goes', async () => {
    const { id } = await server.aSession();
    const follower = await Follower.open(id);
    expect(server.scripted.subscribers(id)).toBe(1);
    follower.close();
    while (server.scripted.subscribers(id) > 0) await new Promise((resolve) => setImmediate(resolve));
  });

  it.each(['x', '-1', '1.5', '4242424242424242'])('is refused with Last-Event-ID %s', async (last) => {
    const { id } = await server.aSession();
    const follower = await Follower.open(id, '', { 'Last-Event-ID': last });
    expect(follower.status).toBe(400);
  });

  it('can be opened only so many times for one session', async () => {
    const { id } = await server.aSession();
    const followers = await Promise.all(
      Array.from({ length: STREAMS_PER_SESSION_MAX }, () => Follower.open(id)),
    );
    const refused = await server.call('GET', `/v1/sessions/${id}/events/stream`);
    expect(refused).toMatchObject({
      status: 429,
      body: { error: { type: 'rate_limit_error', retryable: true } },
    });
    for (const follower of followers) follower.close();
  });

  it('ends when the agent token does', async () => {
    const minted = await server.call('POST', '/v1/agent_tokens', {
      body: { platform: 'plt_main', call_id: 'e-91', ttl_seconds: 60 },
    });
    const { id } = await server.aSession();
    const follower = await Follower.open(id, '', {}, minted.body.token);
    await follower.until(({ seqs }) => seqs.length === 1);
    server.scheduler.advance(60_000);
    await follower.until(({ ended }) => ended);
  });
});

describe('a client that takes nothing', () => {
  it('is dropped after a while, holds little memory, and finds everything when it comes back', async () => {
    const { id } = await server.aSession();
    const slow = await Follower.open(id);
    await slow.until(({ seqs }) => seqs.length === 1);
    slow.response.pause();
    slow.response.socket.pause();
    const note = 'x'.repeat(20_000);
    // 20 MB: more than the kernel's buffers of both ends take.
    for (let n = 0; n < 1_000; n++) {
      server.scripted.emit(id, 'field.hint', { note });
      if (n % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    const brisk = await Follower.open(id, '?after=990');
    await brisk.until(({ seqs }) => seqs.at(-1) === 1_001);
    server.scheduler.advance(STREAM_STALL_MS);
    expect(server.logged).toContainEqual(
      expect.objectContaining({ level: 'warn', fields: expect.objectContaining({ session: id }) }),
    );
    expect(server.scripted.subscribers(id)).toBe(1);
    slow.response.socket.resume();
    slow.response.resume();
    await slow.until(({ ended }) => ended);
    const last = slow.seqs.at(-1) ?? 0;
    expect(slow.seqs).toEqual(upTo(last));
    expect(last).toBeLessThan(1_001);
    const again = await Follower.open(id, '', { 'Last-Event-ID': String(last) });
    await again.until(({ seqs }) => seqs.at(-1) === 1_001);
    expect([...slow.seqs, ...again.seqs]).toEqual(upTo(1_001));
    again.close();
    brisk.close();
  });
});

describe('a process that stops', () => {
  it('ends its streams', async () => {
    const stopping = await PaymentsServer.start();
    const created = await stopping.aSession();
    const response = await fetch(`${stopping.url}/v1/sessions/${created.id}/events/stream`, {
      headers: { Authorization: `Bearer ${KEY_A}` },
    });
    const text = response.text();
    await stopping.close();
    expect(await text).toContain('session.created');
  });
});
