import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface CapturedRequest {
  readonly method: string | undefined;
  /** Path and query. */
  readonly url: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface CaptureServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** What came last, forgotten by this. */
  take(): CapturedRequest;
}

/** A server on this machine that keeps what it hears and answers everything with the same: for requests of SDKs, to compare ours with. */
export async function startCaptureServer(
  answer: { readonly body: string } | ((request: CapturedRequest) => string) = { body: '' },
): Promise<CaptureServer> {
  const heard: CapturedRequest[] = [];
  const server = createServer(async (incoming, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const { method, url, headers } = incoming;
    const request = { method, url, headers, body: Buffer.concat(chunks).toString('utf8') };
    heard.push(request);
    const body = typeof answer === 'function' ? answer(request) : answer.body;
    const type = body.startsWith('<') ? 'application/xml' : 'application/json';
    response.writeHead(200, { 'content-type': type }).end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    ...{ url: `http://127.0.0.1:${port}`, port },
    take: () => {
      const request = heard.pop();
      if (request === undefined) throw new Error('nothing was sent');
      return request;
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
