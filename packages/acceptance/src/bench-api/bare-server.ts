import { Agent, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type Response } from 'express';

/** About as long as a real session. */
const PADDING = 'x'.repeat(1_100);

/**
 * What the figures are set beside: the same requests at Express routes that parse the body and answer as much, and do nothing for it. No
 * validation, no credential, no store, no keys. `confirm` asks the gateway's host once, for nothing.
 */
export async function serveBare(gatewayUrl: string): Promise<string> {
  const app = express();
  app.use(express.json());
  const agent = new Agent({ keepAlive: true });
  const streams = new Map<string, Response>();
  const say = (session: string, type: string, data: object = {}): unknown =>
    streams.get(session)?.write(`data: ${JSON.stringify({ type, session, data })}\n\n`);
  let made = 0;
  app.post('/v1/sessions', (_request, response) => {
    made += 1;
    response.status(201).json({ id: `ses_${made}`, status: 'awaiting_media', PADDING });
  });
  app.get('/v1/sessions/:id', (request, response) => {
    response.json({ id: request.params.id, status: 'ready', PADDING });
  });
  app.get('/v1/sessions/:id/events/stream', (request, response) => {
    const { id } = request.params;
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    streams.set(id, response);
    response.on('close', () => streams.delete(id));
    say(id, 'session.ready');
  });
  app.post('/v1/sessions/:id/fields/:name/collect', ({ params: { id, name } }, response) => {
    say(id, 'field.collecting', { field: name });
    response.json({ id, status: 'collecting', PADDING });
    say(id, 'field.captured', { field: name });
    if (name === 'cvc') say(id, 'session.ready_to_confirm');
  });
  app.post('/v1/sessions/:id/confirm', ({ params: { id } }, response) => {
    get(gatewayUrl, { agent }, (answer) => {
      answer.resume();
      answer.on('end', () => response.json({ id, status: 'approved', PADDING }));
    });
  });
  app.post('/v1/sessions/:id/restore', ({ params: { id } }, response) => {
    response.json({ id, status: 'approved', PADDING });
    say(id, 'session.restored');
  });
  return new Promise((resolve) => {
    const server = app.listen(0, '127.0.0.1', () =>
      resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    );
  });
}
