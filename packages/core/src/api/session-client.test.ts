import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { SessionId } from '../ids.ts';
import type { EventEnvelope } from './session.ts';
import { SessionClient } from './session-client.ts';

const ID = 'ses_1' as SessionId;
const closers: (() => void)[] = [];

afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function aServer(answer: RequestListener): Promise<SessionClient> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  closers.push(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return new SessionClient({
    baseUrl: `http://127.0.0.1:${port}`,
    token: 'sk_test_x',
    pause: () => Promise.resolve(),
  });
}

const anEvent = (seq: number): string =>
  `id: ${seq}\nevent: leg.updated\ndata: ${JSON.stringify({ seq })}\n\n`;

describe('the event stream', () => {
  it('goes on after a broken connection from the last event it saw, each once', async () => {
    const asked: (string | undefined)[] = [];
    const client = await aServer((request, response) => {
      asked.push(request.url?.split('after=')[1]);
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      // The second connection repeats an event, and is cut in the middle of a line.
      const text = asked.length === 1 ? anEvent(1) + anEvent(2) : anEvent(2) + anEvent(3);
      response.write(`: heartbeat\n\n${text}data: {"se`, () => response.destroy());
    });
    const abort = new AbortController();
    const seen: number[] = [];
    const refusal = await client.stream(
      ID,
      0,
      ({ seq }: EventEnvelope) => {
        seen.push(seq);
        if (seq === 3) abort.abort();
      },
      abort.signal,
    );
    expect(refusal).toBeUndefined();
    expect(seen).toEqual([1, 2, 3]);
    expect(asked).toEqual(['0', '2']);
  });

  it('ends with the error when the API refuses, and asks only once', async () => {
    let asked = 0;
    const client = await aServer((_request, response) => {
      asked += 1;
      response.writeHead(404, { 'Content-Type': 'application/json' });
      response.end(JSON.stringify({ error: { code: 'no_such_session' } }));
    });
    const refusal = await client.stream(ID, 0, () => {}, new AbortController().signal);
    expect([refusal?.code, asked]).toEqual(['no_such_session', 1]);
  });

  it('asks again after a 503', async () => {
    const statuses = [503, 429, 200];
    const client = await aServer((_request, response) => {
      response.writeHead(statuses.shift() ?? 200, { 'Content-Type': 'text/event-stream' });
      response.end(statuses.length === 0 ? anEvent(1) : '');
    });
    const abort = new AbortController();
    await client.stream(ID, 0, () => abort.abort(), abort.signal);
    expect(statuses).toEqual([]);
  });

  it('does not take what a listener throws for a broken connection', async () => {
    const client = await aServer((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      response.write(anEvent(1));
    });
    const bug = new TypeError('a bug in the page');
    const stream = client.stream(
      ID,
      0,
      () => {
        throw bug;
      },
      new AbortController().signal,
    );
    await expect(stream).rejects.toBe(bug);
  });
});
