import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { aTrace, keepNothing } from '../../test-support/charge-trace.ts';
import type { CardBytes, ChargeRequest } from '../gateway.ts';
import type { FetchBytes } from '../http.ts';
import { createSandboxGateway } from './sandbox-gateway.ts';

const REQUEST: ChargeRequest = {
  key: 'chg_1',
  type: 'charge',
  amount: 4999,
  currency: 'gbp',
  reference: 'INV "7" é',
};

function aCard(cvc = '123', postalCode = ''): CardBytes {
  const bytes = (text: string) => new TextEncoder().encode(text);
  return {
    number: bytes('4242424242424242'),
    expiry: bytes('1230'),
    cvc: bytes(cvc),
    postalCode: bytes(postalCode),
  };
}

/** The port as a process implements it, cut down to what the test needs. */
const fetchBytes: FetchBytes = ({ method, url, headers, body, timeoutMs }) =>
  new Promise((resolve) => {
    const request = httpRequest(url, { method, headers, timeout: timeoutMs, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({
          kind: 'answered',
          status: response.statusCode ?? 0,
          body: new Uint8Array(Buffer.concat(chunks)),
        }),
      );
      response.on('error', () => resolve({ kind: 'lost', code: 'ECONNRESET' }));
    });
    request.on('error', (error: NodeJS.ErrnoException) =>
      resolve({ kind: error.code === 'ECONNREFUSED' ? 'not_sent' : 'lost', code: error.code ?? 'EUNKNOWN' }),
    );
    request.end(body);
  });

interface Heard {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly key: string | undefined;
  readonly body: string;
}

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** A gateway on loopback that answers as it is told and remembers what it heard. */
async function aServer(answer: (response: ServerResponse, request: IncomingMessage) => void) {
  const heard: Heard[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    heard.push({
      method: request.method,
      url: request.url,
      key: request.headers['idempotency-key'] as string | undefined,
      body,
    });
    answer(response, request);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, heard, server };
}

const json = (status: number, body: unknown) => (response: ServerResponse) => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
};

describe('the sandbox gateway', () => {
  it('sends one charge as JSON and reads the approval', async () => {
    const { url, heard } = await aServer(
      json(200, { id: 'ch_1', status: 'approved', auth_code: 'A1B2C3', token: 'tok_1' }),
    );
    const gateway = createSandboxGateway({ url, fetchBytes });
    expect(await gateway.charge(REQUEST, aCard(), keepNothing)).toEqual({
      kind: 'approved',
      authCode: 'A1B2C3',
      token: 'tok_1',
      gatewayId: 'ch_1',
    });
    expect(heard).toMatchObject([{ method: 'POST', url: '/v1/charges', key: 'chg_1' }]);
    expect(JSON.parse(heard[0]?.body ?? '')).toEqual({
      reference: 'chg_1',
      type: 'charge',
      amount: 4999,
      currency: 'gbp',
      merchant_reference: 'INV "7" é',
      moto: true,
      card: { number: '4242424242424242', exp_month: '12', exp_year: '30', cvc: '123', postal_code: null },
    });
  });

  it('says null for what was not collected', async () => {
    const { url, heard } = await aServer(json(200, { status: 'declined', decline_code: 'generic_decline' }));
    const gateway = createSandboxGateway({ url, fetchBytes });
    expect(await gateway.charge({ ...REQUEST, reference: null }, aCard('', '12345'), keepNothing)).toEqual({
      kind: 'declined',
      declineCode: 'generic_decline',
    });
    expect(JSON.parse(heard[0]?.body ?? '')).toMatchObject({
      merchant_reference: null,
      card: { cvc: null, postal_code: '12345' },
    });
  });

  it('sends a bank account in place of a card, from the same wiped buffer', async () => {
    const { url, heard } = await aServer(json(200, { status: 'approved', auth_code: null, token: null }));
    const buffers: Uint8Array[] = [];
    const cardMemory = (byteCount: number) => {
      buffers.push(new Uint8Array(byteCount));
      return buffers.at(-1) ?? new Uint8Array();
    };
    const gateway = createSandboxGateway({ url, fetchBytes, cardMemory });
    expect(gateway.capabilities.bankAccounts).toBe(true);
    const bytes = (text: string) => new TextEncoder().encode(text);
    const bank = { routing: bytes('110000000'), account: bytes('000123456789') };
    await gateway.charge(REQUEST, { ...aCard(), number: bytes(''), expiry: bytes(''), bank }, keepNothing);
    const body = JSON.parse(heard[0]?.body ?? '');
    expect(body).toMatchObject({ bank_account: { routing: '110000000', account: '000123456789' } });
    expect(body).not.toHaveProperty('card');
    expect(buffers.every((buffer) => buffer.every((byte) => byte === 0))).toBe(true);
  });

  it('asks by reference', async () => {
    const { url, heard } = await aServer(json(404, { error: { code: 'not_found', message: 'x' } }));
    const gateway = createSandboxGateway({ url: `${url}/`, fetchBytes });
    expect(await gateway.query(aTrace('chg_1&x=1'))).toEqual({ kind: 'not_found' });
    expect(heard).toMatchObject([{ method: 'GET', url: '/v1/charges?reference=chg_1%26x%3D1', body: '' }]);
  });

  it('knows a refused connection from a lost answer', async () => {
    const { url, server } = await aServer((response) => response.destroy());
    const gateway = createSandboxGateway({ url, fetchBytes });
    expect(await gateway.charge(REQUEST, aCard(), keepNothing)).toEqual({
      kind: 'unknown',
      code: 'answer_lost',
    });
    await new Promise((resolve) => server.close(resolve));
    expect(await gateway.charge(REQUEST, aCard(), keepNothing)).toEqual({
      kind: 'not_sent',
      code: 'gateway_unreachable',
    });
    expect(await gateway.query(aTrace('chg_1'))).toEqual({ kind: 'unknown', code: 'query_failed' });
  });

  it('takes a broken answer for unknown, and so does one whose transport throws', async () => {
    const { url } = await aServer((response) => {
      response.writeHead(200, { 'content-length': '999' }).write('{"status":"appr');
      response.destroy();
    });
    expect(
      await createSandboxGateway({ url, fetchBytes }).charge(REQUEST, aCard(), keepNothing),
    ).toMatchObject({
      kind: 'unknown',
    });
    const throwing = createSandboxGateway({ url, fetchBytes: () => Promise.reject(new Error('bug')) });
    expect(await throwing.charge(REQUEST, aCard(), keepNothing)).toEqual({
      kind: 'unknown',
      code: 'answer_lost',
    });
    expect(await throwing.query(aTrace('chg_1'))).toEqual({ kind: 'unknown', code: 'query_failed' });
  });

  it('builds the body in one large buffer and zeroes it, whatever came of it', async () => {
    const buffers: Uint8Array[] = [];
    const sent: string[] = [];
    const gateway = createSandboxGateway({
      url: 'http://127.0.0.1:1',
      fetchBytes: async ({ body }) => {
        sent.push(new TextDecoder().decode(body));
        if (sent.length === 2) throw new Error('bug');
        return { kind: 'lost', code: 'ECONNRESET' };
      },
      cardMemory: (byteCount) => {
        const buffer = new Uint8Array(byteCount);
        buffers.push(buffer);
        return buffer;
      },
    });
    await gateway.charge(REQUEST, aCard(), keepNothing);
    await gateway.charge(REQUEST, aCard(), keepNothing);
    expect(sent[0]).toContain('4242424242424242');
    expect(buffers).toHaveLength(2);
    for (const buffer of buffers) {
      expect(buffer.length).toBeGreaterThanOrEqual(256);
      expect(buffer.every((byte) => byte === 0)).toBe(true);
    }
  });

  it('takes the longest reference, and refuses one that cannot be without sending anything', async () => {
    const { url, heard } = await aServer(json(200, { status: 'approved', auth_code: 'A1', token: null }));
    const gateway = createSandboxGateway({ url, fetchBytes });
    expect(
      await gateway.charge({ ...REQUEST, reference: '\u0001'.repeat(255) }, aCard(), keepNothing),
    ).toMatchObject({
      kind: 'approved',
    });
    expect(await gateway.charge({ ...REQUEST, reference: 'x'.repeat(5_000) }, aCard(), keepNothing)).toEqual({
      kind: 'failed',
      code: 'request_too_large',
    });
    expect(heard).toHaveLength(1);
  });

  it.each([
    'http://10.0.0.1:4010',
    'http://example.com',
    'http://127.0.0.1.example.com',
    'http://localhost.example.com',
    'https://127.0.0.1:4010',
    'file:///etc/passwd',
    '127.0.0.1:4010',
    '',
  ])('is never made for another machine: %s', (url) => {
    expect(() => createSandboxGateway({ url, fetchBytes })).toThrow(
      "the sandbox gateway's url must be http on this machine",
    );
  });

  it.each(['http://localhost:4010', 'http://127.0.0.1:4010', 'http://127.1.2.3', 'http://[::1]:4010'])(
    'is made for %s',
    (url) => {
      expect(createSandboxGateway({ url, fetchBytes }).name).toBe('sandbox');
    },
  );
});
