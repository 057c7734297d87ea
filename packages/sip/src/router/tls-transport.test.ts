import { copyFileSync, writeFileSync } from 'node:fs';
import { connect, type TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type Log, silentLog } from '@sordino/core';
import { type CertificateFiles, TestAuthority } from '../test-support/certificates.ts';
import { CertificateKeeper } from './certificate-keeper.ts';
import { DEFAULT_TCP_LIMITS } from './tcp-limits.ts';
import { TlsCredentials, tlsFilesProblem } from './tls-credentials.ts';
import { openTlsTransport, type TlsTransport } from './tls-transport.ts';
import type { Flow, TlsClientFiles, TlsListenFiles } from './transport.ts';

const HOST = '127.0.0.1';
const INFO = 'INFO sip:a@b SIP/2.0\r\nContent-Length: 0\r\n\r\n';

let authority: TestAuthority;
let stranger: TestAuthority;
let ours: CertificateFiles;

beforeAll(async () => {
  authority = await TestAuthority.make();
  stranger = await TestAuthority.make('stranger');
  ours = await authority.issue({ names: ['dns:sip.example.com', `ip:${HOST}`] });
});
afterAll(() => {
  authority.remove();
  stranger.remove();
});

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const clean of cleanUp.splice(0).reverse()) await clean();
});

interface Side extends TlsTransport {
  readonly received: { text: string; flow: Flow }[];
  next(): Promise<{ text: string; flow: Flow }>;
}

async function open(
  server: Partial<TlsListenFiles> = {},
  client: TlsClientFiles = { caFile: authority.caFile },
  log: Log = silentLog,
): Promise<Side> {
  const received: { text: string; flow: Flow }[] = [];
  const waiting: (() => void)[] = [];
  const tls = { ...ours, ...server };
  const shown = new TlsCredentials(tls, log);
  const transport = await openTlsTransport(
    { protocol: 'tls', host: HOST, port: 0, tls },
    (raw, flow) => {
      received.push({ text: new TextDecoder().decode(raw), flow });
      waiting.shift()?.();
    },
    log,
    { server: shown, client: new TlsCredentials(client, log) },
  );
  cleanUp.push(() => transport.close());
  let taken = 0;
  return {
    ...transport,
    received,
    async next() {
      if (received.length <= taken) await new Promise<void>((resolve) => waiting.push(resolve));
      return received[taken++] as { text: string; flow: Flow };
    },
  };
}

const to = (side: Side, name?: string): { host: string; port: number; name?: string } =>
  name === undefined ? { ...side.local } : { ...side.local, name };

describe('TLS transport', () => {
  it('carries messages both ways over one connection, and tells whom the caller verified', async () => {
    const [a, b] = [await open(), await open()];
    await a.send(INFO, to(b));
    const request = await b.next();
    expect(request).toMatchObject({
      text: INFO,
      flow: { protocol: 'tls', tls: { authorized: false, names: [] } },
    });
    await b.send(INFO, request.flow.remote);
    expect((await a.next()).flow).toMatchObject({
      remote: b.local,
      tls: { authorized: true, names: ['sip.example.com', HOST] },
    });
  });

  it.each<[what: string, names: string[], asked: string | undefined]>([
    ['a DNS name', ['dns:sip.example.com'], 'sip.example.com'],
    ['a DNS name, whatever its case', ['dns:SIP.example.com'], 'sip.Example.com'],
    ['the domain of a sip URI', ['uri:sip:example.com'], 'example.com'],
    ['an address', [`ip:${HOST}`], undefined],
    ['a common name, without any other name', [], 'test'],
  ])('accepts a server that proves %s', async (_, names, asked) => {
    const b = await open(await authority.issue({ names }));
    const a = await open();
    await a.send(INFO, to(b, asked));
    expect((await b.next()).text).toBe(INFO);
  });

  it.each<[what: string, names: string[], asked: string | undefined]>([
    ['another name', ['dns:sip.example.com'], 'sip.example.net'],
    ['a wildcard (RFC 5922 §7.2)', ['dns:*.example.com'], 'sip.example.com'],
    ['the domain above', ['dns:example.com'], 'sip.example.com'],
    ['a person of the domain, not the domain', ['uri:sip:admin@example.com'], 'example.com'],
    ['a name and not the address that was asked for', ['dns:sip.example.com'], undefined],
    ['the name in the subject beside other names', ['dns:other.example.com'], 'test'],
    ['a name inside the text of another', ['uri:sip:x;a="b, DNS:sip.example.com'], 'sip.example.com'],
  ])('refuses a server that proves %s', async (_, names, asked) => {
    const b = await open(await authority.issue({ names }));
    const a = await open();
    await expect(a.send(INFO, to(b, asked))).rejects.toThrow(/does not prove/);
    expect(b.received).toEqual([]);
  });

  it('refuses a server of an unknown authority, and one whose certificate has expired', async () => {
    const a = await open();
    const unknown = await open(await stranger.issue({ names: [`ip:${HOST}`] }));
    await expect(a.send(INFO, to(unknown))).rejects.toThrow(/certificate/);
    const expired = await open(await authority.issue({ names: [`ip:${HOST}`], days: -1 }));
    await expect(a.send(INFO, to(expired))).rejects.toThrow(/expired/);
  });

  it('keeps peers apart that share an address and prove different names', async () => {
    const b = await open(await authority.issue({ names: ['dns:one.example', 'dns:two.example'] }));
    const a = await open();
    await a.send(INFO, to(b, 'one.example'));
    await a.send(INFO, to(b, 'two.example'));
    await a.send(INFO, to(b, 'one.example'));
    const ports = [await b.next(), await b.next(), await b.next()].map(({ flow }) => flow.remote.port);
    expect(new Set(ports).size).toBe(2);
    expect(ports[0]).toBe(ports[2]);
  });

  it('reaches the bare address of a peer that proved its name there, also after the connection is gone', async () => {
    const b = await open(await authority.issue({ names: ['dns:one.example'] }));
    const a = await open();
    await a.send(INFO, to(b, 'one.example'));
    const first = await b.next();
    await a.send(INFO, to(b));
    expect((await b.next()).flow.remote).toEqual(first.flow.remote);
    await b.close();
    const again = await openTlsTransport({ protocol: 'tls', ...b.local }, () => {}, silentLog, {
      server: new TlsCredentials(await authority.issue({ names: ['dns:one.example'] }), silentLog),
      client: new TlsCredentials({}, silentLog),
    });
    cleanUp.push(() => again.close());
    await a.send(INFO, to(b));
  });

  describe('asks for client certificates', () => {
    const client = (files: CertificateFiles): TlsClientFiles => ({ caFile: authority.caFile, ...files });

    it('optional: tells the names of one that is vouched for, and none of any other', async () => {
      const b = await open({ caFile: authority.caFile, clientCertificates: 'optional' });
      const named = await open({}, client(await authority.issue({ names: ['dns:pbx.example.com'] })));
      await named.send(INFO, to(b));
      expect((await b.next()).flow.tls).toEqual({ authorized: true, names: ['pbx.example.com'] });
      const forged = await open({}, client(await stranger.issue({ names: ['dns:pbx.example.com'] })));
      await forged.send(INFO, to(b));
      expect((await b.next()).flow.tls).toEqual({ authorized: false, names: [] });
      const bare = await open();
      await bare.send(INFO, to(b));
      expect((await b.next()).flow.tls).toEqual({ authorized: false, names: [] });
    });

    it('required: serves nobody without one', async () => {
      const b = await open({ caFile: authority.caFile, clientCertificates: 'required' });
      for (const files of [undefined, await stranger.issue({ names: ['dns:pbx.example.com'] })]) {
        const a = await open({}, files && client(files));
        // TLS 1.3: the client learns of the refusal only after its own side of the handshake is done.
        await a.send(INFO, to(b)).catch(() => {});
        await expect(closedByPeer(b, files)).resolves.toMatch(/alert|reset|closed/i);
      }
      expect(b.received).toEqual([]);
      const a = await open({}, client(await authority.issue({ names: ['dns:pbx.example.com'] })));
      await a.send(INFO, to(b));
      expect((await b.next()).flow.tls?.authorized).toBe(true);
    });

    /** How a handshake with these files ends. */
    function closedByPeer(b: Side, files: CertificateFiles | undefined): Promise<string> {
      const credentials = new TlsCredentials({ caFile: authority.caFile, ...files }, silentLog);
      const socket = connect({
        ...b.local,
        secureContext: credentials.context,
        servername: 'sip.example.com',
      });
      cleanUp.push(() => socket.destroy());
      return new Promise((resolve) => {
        socket.once('error', (error) => resolve(error.message));
        socket.once('close', () => resolve('closed'));
      });
    }
  });

  it('refuses TLS 1.1, and a stranger that speaks plain SIP gets nothing', async () => {
    const b = await open();
    const old = connect({
      ...b.local,
      rejectUnauthorized: false,
      maxVersion: 'TLSv1.1',
      minVersion: 'TLSv1',
    });
    cleanUp.push(() => old.destroy());
    const why = await new Promise<Error>((resolve) => old.once('error', resolve));
    expect(why.message).toMatch(/version|protocol|no cipher/i);
  });

  it('lets nobody hold an unfinished handshake for ever', async () => {
    const log: string[] = [];
    const quick = { ...DEFAULT_TCP_LIMITS, connectTimeoutMs: 30 };
    const shown = new TlsCredentials(ours, silentLog);
    const told = new Promise<void>((resolve) => {
      const info = (message: string): void => {
        log.push(message);
        resolve();
      };
      void openTlsTransport(
        { protocol: 'tls', host: HOST, port: 0 },
        () => {},
        { ...silentLog, info },
        { server: shown, client: shown },
        quick,
      ).then(async (b) => {
        cleanUp.push(() => b.close());
        const { connect: plain } = await import('node:net');
        const socket = plain(b.local.port, b.local.host);
        socket.on('error', () => {});
        cleanUp.push(() => socket.destroy());
      });
    });
    await told;
    expect(log).toEqual(['TLS handshake failed']);
  });
});

describe('a renewed certificate', () => {
  const shownBy = (side: Side): Promise<{ serial: string; socket: TLSSocket }> =>
    new Promise((resolve, reject) => {
      const socket = connect({ ...side.local, rejectUnauthorized: false }, () =>
        resolve({ serial: socket.getPeerX509Certificate()?.serialNumber ?? '', socket }),
      );
      cleanUp.push(() => socket.destroy());
      socket.once('error', reject);
    });

  it('is shown to new connections, while old ones go on; a bad one changes nothing and is told once', async () => {
    const log: string[] = [];
    const write = (message: string, fields = {}): void =>
      void log.push(`${message} ${JSON.stringify(fields)}`);
    const told: Log = { ...silentLog, info: write, error: write };
    const names = [`ip:${HOST}`];
    const first = await authority.issue({ names, commonName: 'renewed', file: 'renewed' });
    const keeper = new CertificateKeeper();
    cleanUp.push(() => keeper.stop());
    const shown = new TlsCredentials(first, told);
    const b = await open(first);
    const side = await openTlsTransport({ protocol: 'tls', host: HOST, port: 0 }, () => {}, silentLog, {
      server: shown,
      client: shown,
    });
    cleanUp.push(() => side.close());
    keeper.keep(shown, () => side.renew());
    const renewed = { ...b, ...side };

    const before = await shownBy(renewed);
    keeper.reload();
    expect((await shownBy(renewed)).serial).toBe(before.serial);

    await authority.issue({ names, commonName: 'renewed', file: 'renewed' });
    keeper.reload();
    const after = await shownBy(renewed);
    expect(after.serial).not.toBe(before.serial);
    expect(before.socket.destroyed).toBe(false);
    before.socket.write('\r\n\r\n');
    expect(String(await new Promise((resolve) => before.socket.once('data', resolve)))).toBe('\r\n');

    const other = await authority.issue({ names });
    copyFileSync(other.keyFile, first.keyFile);
    keeper.reload();
    keeper.reload();
    expect((await shownBy(renewed)).serial).toBe(after.serial);
    expect(log).toEqual([
      expect.stringMatching(/was changed .*CN=renewed/),
      expect.stringMatching(/stays the old one.*does not belong/),
    ]);
    expect(keeper.health()).toEqual([
      { subject: 'CN=renewed', notAfter: expect.stringMatching(/^\d{4}-.*Z$/), daysLeft: 89 },
    ]);
  });

  it.each([
    [10, 'warn TLS certificate expires soon'],
    [-2, 'error TLS certificate has expired: peers refuse us'],
    [60, undefined],
  ])('%d days before its end: %s', async (days, expected) => {
    const log: string[] = [];
    const told: Log = {
      ...silentLog,
      warn: (message) => void log.push(`warn ${message}`),
      error: (message) => void log.push(`error ${message}`),
    };
    const keeper = new CertificateKeeper();
    keeper.keep(new TlsCredentials(await authority.issue({ names: ['dns:a'], days }), told), () => {});
    keeper.stop();
    expect(log).toEqual(expected === undefined ? [] : [expected]);
  });
});

describe('TLS files', () => {
  it('are refused with the name of the file and what is wrong', async () => {
    const good = await authority.issue({ names: ['dns:a'] });
    const other = await authority.issue({ names: ['dns:b'] });
    const nonsense = `${authority.directory}/nonsense`;
    writeFileSync(nonsense, 'nothing');
    const problem = (change: object): string | undefined => tlsFilesProblem({ ...good, ...change });
    expect(problem({})).toBeUndefined();
    expect(problem({ caFile: authority.caFile })).toBeUndefined();
    expect(problem({ certFile: '/nowhere.pem' })).toBe('/nowhere.pem: cannot be read (ENOENT)');
    expect(problem({ certFile: nonsense })).toMatch(/nonsense: is not a certificate/);
    expect(problem({ keyFile: nonsense })).toMatch(/nonsense: is not a private key/);
    expect(problem({ caFile: nonsense })).toMatch(/nonsense: is not a certificate/);
    expect(problem({ keyFile: other.keyFile })).toMatch(/does not belong to the certificate in/);
    expect(tlsFilesProblem({ certFile: good.certFile })).toMatch(/come together/);
    expect(tlsFilesProblem(await authority.issue({ names: ['dns:a'], days: -2 }))).toMatch(/has expired on/);
  });
});
