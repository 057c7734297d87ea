import { once } from 'node:events';
import { createServer } from 'node:http';

export interface ParrotGateway extends AsyncDisposable {
  readonly url: string;
  /** Bodies that came, as they came: the card must be in here, or nothing was repeated. */
  readonly heard: readonly string[];
}

/** A gateway that repeats the whole request, card and all, in every part of its answer where a text may stand. */
export async function startParrotGateway(): Promise<ParrotGateway> {
  const heard: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8');
      heard.push(body);
      const { card } = JSON.parse(body) as { card: { number: string; cvc: string } };
      const said = `${card.number} ${card.cvc}`;
      const answer = {
        id: said,
        status: 'declined',
        decline_code: said,
        auth_code: said,
        token: said,
        message: body,
      };
      response.writeHead(200, { 'content-type': 'application/json', 'x-card': said });
      response.end(JSON.stringify({ ...answer, error: { code: said, message: body } }));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the parrot has no TCP port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    heard,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
