import { generateKeyPairSync } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { silentLog } from '@sordino/core';
import type { ThreadedMediaRelay } from '@sordino/relay';
import { composeRelay } from '../compose.ts';
import { type ControlServer, serveControl } from './server.ts';

const TOKEN = 'a-token-that-nobody-guesses-0123456789';

const openRequest = {
  session: 'ses_control',
  seal_to: generateKeyPairSync('x25519').publicKey.export({ format: 'jwk' }).x,
  mask: { style: 'silence', hold: 'per_key' },
};

describe('the control API of a relay', () => {
  let relay: ThreadedMediaRelay;
  let control: ControlServer;
  beforeAll(async () => {
    relay = await composeRelay({ workers: 1, host: '127.0.0.1', ports: { min: 0, max: 0 } }, silentLog);
    control = await serveControl(relay, { host: '127.0.0.1', port: 0, token: TOKEN, log: silentLog });
  });
  afterAll(async () => {
    await control[Symbol.asyncDispose]();
    await relay.close();
  });

  async function call(method: string, path: string, body?: unknown, token = TOKEN): Promise<[number, never]> {
    const response = await fetch(control.url + path, {
      method,
      headers: { authorization: `Bearer ${token}` },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return [response.status, (text === '' ? null : JSON.parse(text)) as never];
  }

  it('opens a bridge, carries audio through it, tells what happened and closes it', async () => {
    const [customer, agent] = [await phone(), await phone()];
    const [status, opened] = await call('POST', '/v1/bridges', openRequest);
    expect(status).toBe(201);
    const { id, customer: leg6, lookback_ms } = opened as Opened;
    expect(lookback_ms).toBe(30);
    for (const [side, { port }] of [
      ['clean', agent.address()],
      ['customer', customer.address()],
    ] as const) {
      const peer = { rtp: { host: '127.0.0.1', port } };
      expect(await call('PUT', `/v1/bridges/${id}/peers/${side}`, peer)).toEqual([200, expect.anything()]);
    }
    const heard = once(agent, 'message');
    customer.send(rtp(), leg6.rtp.port, '127.0.0.1');
    expect(((await heard) as [Buffer])[0].length).toBe(172);
    expect(await call('PUT', `/v1/bridges/${id}/collecting`, { collecting: true })).toEqual([204, null]);
    for (let told: string[] = []; !told.includes('media_started'); ) {
      const [, answer] = await call('GET', `/v1/bridges/${id}/events?after=0`);
      told = (answer as { events: { type: string }[] }).events.map(({ type }) => type);
    }
    const [closedWith, figures] = await call('DELETE', `/v1/bridges/${id}`);
    expect(closedWith).toBe(200);
    expect(figures).toMatchObject({ customer: { packets_in: 1, foreign_in: 0 }, keysSealed: 0 });
    expect(await call('GET', `/v1/bridges/${id}`)).toEqual([
      404,
      expect.objectContaining({ code: 'no_bridge' }),
    ]);
    customer.close();
    agent.close();
  });

  it('shows the workers', async () => {
    expect(await call('GET', '/v1/stats')).toEqual([
      200,
      expect.objectContaining({ isDraining: false, workers: [expect.objectContaining({ isAlive: true })] }),
    ]);
  });

  it.each([
    ['another token', 401, 'unauthorized', ['GET', '/v1/stats', undefined, 'wrong'] as const],
    ['no such path', 404, 'not_found', ['GET', '/v2/stats'] as const],
    ['another method', 404, 'not_found', ['PATCH', '/v1/bridges'] as const],
    ['no JSON', 400, 'bad_request', ['POST', '/v1/bridges', '{'] as const],
    ['no body', 400, 'bad_request', ['POST', '/v1/bridges'] as const],
    [
      'a key that is none',
      400,
      'bad_request',
      ['POST', '/v1/bridges', { ...openRequest, seal_to: 'x' }] as const,
    ],
    ['an unknown field', 400, 'bad_request', ['POST', '/v1/bridges', { ...openRequest, x: 1 }] as const],
    ['an unknown bridge', 404, 'no_bridge', ['DELETE', '/v1/bridges/7'] as const],
    ['a body that is too long', 413, 'too_long', ['POST', '/v1/bridges', 'x'.repeat(20_000)] as const],
  ])('refuses %s', async (_, status, code, [method, path, body, token]) => {
    expect(await call(method, path, body, token)).toEqual([status, expect.objectContaining({ code })]);
  });

  it('says what was wrong with a peer, and where', async () => {
    const [, opened] = await call('POST', '/v1/bridges', openRequest);
    const { id } = opened as Opened;
    const named = { rtp: { host: 'media.example', port: 4_000 } };
    expect(await call('PUT', `/v1/bridges/${id}/peers/clean`, named)).toEqual([
      400,
      { code: 'bad_request', message: expect.stringMatching(/^rtp\.host: /) },
    ]);
    await call('DELETE', `/v1/bridges/${id}`);
  });

  it('wants a token that cannot be guessed', async () => {
    const options = { host: '127.0.0.1', port: 0, token: 'short', log: silentLog };
    await expect(serveControl(relay, options)).rejects.toThrow(/has 5 characters; 32 are needed/);
  });

  it('takes no bridge while it drains', async () => {
    expect(await call('POST', '/v1/drain')).toEqual([204, null]);
    expect(await call('POST', '/v1/bridges', openRequest)).toEqual([
      503,
      expect.objectContaining({ code: 'draining' }),
    ]);
  });
});

interface Opened {
  readonly id: string;
  readonly customer: { readonly rtp: { readonly port: number } };
  readonly lookback_ms: number;
}

async function phone(): Promise<Socket & { address(): AddressInfo }> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return socket;
}

function rtp(): Buffer {
  const packet = Buffer.alloc(172, 0xd5);
  packet.writeUInt32BE(0x8000_0001, 0);
  return packet;
}
