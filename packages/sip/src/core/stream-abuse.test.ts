/** What a peer can do to us with one TCP connection, or with a thousand, while a call is up over another. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { memoryHeld } from './test-support/heap.ts';
import { request, SDP } from './test-support/messages.ts';
import { hurrySipJs, until } from './test-support/quick-time.ts';
import { Notes, type Party, Scene, untilIdle } from './test-support/scene.ts';

const PIPELINED = 10_000;
const SILENT_CONNECTIONS = 1_000;
const CONNECTIONS_TOO_MANY = 1_100;
const FLOOD_BYTES = 10 * 1_048_576;
/** Octets: a thousandth of what was sent to us, and room for what V8 makes of code that ran for the first time. */
const GROWTH_MAX = 6 * 1_048_576;

const scene = new Scene();
let us: Party;
let talk: () => Promise<void>;
let hangUp: () => Promise<void>;
let heldBefore: number;

beforeAll(async () => {
  hurrySipJs();
  us = await scene.party('tcp', { trace: () => {} });
  const them = await scene.party('tcp', { trace: () => {} });
  const notes = new Notes();
  const target = `sip:them@127.0.0.1:${them.port};transport=tcp`;
  const leg = us.sip.invite({ target, offer: SDP('us'), answerTimeoutMs: 30_000 }, notes.handlers);
  const call = await them.nextCall();
  call.leg.accept(SDP('them'));
  await notes.next('answered');
  await call.notes.next('acknowledged');
  talk = async () => {
    const changed = leg.reoffer(SDP('us again'));
    (await call.notes.next('reoffered')).reoffer.accept(SDP('them again'));
    expect(await changed).toMatchObject({ ok: true });
  };
  hangUp = async () => {
    call.leg.hangup();
    expect((await notes.next('ended')).end).toMatchObject({ by: 'peer', how: 'bye' });
    await untilIdle(them);
  };
  await talk();
  heldBefore = memoryHeld();
});
afterAll(() => scene.close());

/** A connection that counts the answers it gets. */
class Abuser implements Disposable {
  readonly socket: Socket;
  readonly closed: Promise<unknown>;
  answers = 0;
  #tail = '';

  constructor() {
    this.socket = connect(us.port, '127.0.0.1');
    this.socket.on('error', () => {});
    this.closed = new Promise((resolve) => this.socket.once('close', resolve));
    this.socket.on('data', (chunk) => {
      const text = this.#tail + chunk.toString('latin1');
      this.answers += text.split('SIP/2.0 200').length - 1;
      this.#tail = text.slice(-10);
    });
  }

  static async open(): Promise<Abuser> {
    const abuser = new Abuser();
    // One too many is closed, and may never have been open.
    await Promise.race([once(abuser.socket, 'connect').catch(() => {}), abuser.closed]);
    abuser.socket.setNoDelay();
    return abuser;
  }

  /** Resolves when the octets are with the kernel, or the connection is gone. */
  async write(octets: string | Uint8Array): Promise<void> {
    if (this.socket.destroyed) return;
    await Promise.race([new Promise((resolve) => this.socket.write(octets, resolve)), this.closed]);
  }

  async untilAnswers(count: number): Promise<void> {
    await until(
      () => `${count} answers came, not ${this.answers}`,
      () => this.answers >= count,
    );
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }
}

/** Not all at once: what does not fit the kernel's queue of 511 is tried again only seconds later. */
async function crowd(size: number): Promise<Abuser[]> {
  const opened: Abuser[] = [];
  while (opened.length < size) {
    opened.push(...(await Promise.all(Array.from({ length: 100 }, () => Abuser.open()))));
  }
  return opened;
}

let messages = 0;
function options(): string {
  messages += 1;
  return request('OPTIONS', {
    ...{ uri: 'sip:127.0.0.1', port: 5060, callId: `abuse${messages}`, transport: 'TCP' },
  });
}

const head = (more: string): string => options().replace(/Content-Length: 0\r\n\r\n$/, more);

describe('slow input', () => {
  it('a message that comes an octet at a time is answered', async () => {
    using abuser = await Abuser.open();
    for (const octet of options()) await abuser.write(octet);
    await abuser.untilAnswers(1);
    await talk();
  });

  it('a message that is split anywhere is answered', async () => {
    using abuser = await Abuser.open();
    const { length } = options();
    for (let at = 1; at < length; at += 1) {
      const message = options();
      await abuser.write(message.slice(0, at));
      await abuser.write(message.slice(at));
    }
    await abuser.untilAnswers(length - 1);
    await talk();
  });

  it('a body that never ends, an octet now and then: closed after the time that a message may take', async () => {
    using abuser = await Abuser.open();
    await abuser.write(head('Content-Length: 60000\r\n\r\n'));
    const drip = setInterval(() => void abuser.write('x'), 500);
    await abuser.closed;
    clearInterval(drip);
    expect(us.log.join('\n')).toContain('took too long');
    await talk();
  });
});

describe('huge and endless input', () => {
  it.each([
    ['one header', () => `${head('')}X-Long: `, 'y'.repeat(65_536)],
    ['headers', () => head(''), 'X-More: and more\r\n'.repeat(4_000)],
    ['one line', () => 'OPTIONS sip:', 'a'.repeat(65_536)],
    ['folded lines', () => `${head('')}X-Long: `, ' a\r\n'.repeat(16_000)],
    ['empty lines before no message at all', () => '\r\n', '\r\n\r\r'.repeat(16_000)],
  ])('10 MB of %s: closed long before it is all here', async (_, begin, more) => {
    using abuser = await Abuser.open();
    await abuser.write(begin());
    let sent = 0;
    while (sent < FLOOD_BYTES && !abuser.socket.destroyed) {
      await abuser.write(more);
      sent += more.length;
    }
    expect(sent).toBeLessThan(FLOOD_BYTES);
    await abuser.closed;
    await talk();
  });

  it.each([
    ['a body of 4 GB', 'Content-Length: 4294967296\r\n\r\n'],
    ['a body of 10 MB', 'Content-Length: 10485760\r\n\r\n'],
    ['a body of less than nothing', 'Content-Length: -1\r\n\r\n'],
    ['a body of two lengths', 'Content-Length: 1\r\nContent-Length: 2\r\n\r\n'],
    ['a body of unknown length', '\r\n'],
  ])('%s is announced: closed at once', async (_, end) => {
    using abuser = await Abuser.open();
    await abuser.write(head(end));
    await abuser.closed;
    await talk();
  });
});

describe('many', () => {
  it(`${PIPELINED} messages in one go are all answered`, async () => {
    using abuser = await Abuser.open();
    await abuser.write(Array.from({ length: PIPELINED }, options).join(''));
    await abuser.untilAnswers(PIPELINED);
    await talk();
  }, 60_000);

  it(`${SILENT_CONNECTIONS} connections that say nothing keep nobody else from being answered`, async () => {
    const silent = await crowd(SILENT_CONNECTIONS);
    using other = await Abuser.open();
    await other.write(options());
    await other.untilAnswers(1);
    await talk();
    for (const abuser of silent) abuser.socket.destroy();
    await Promise.all(silent.map(({ closed }) => closed));
  }, 60_000);

  it('connections above the limit are closed, the others go on', async () => {
    const many = await crowd(CONNECTIONS_TOO_MANY);
    await Promise.race(many.map(({ closed }) => closed));
    await talk();
    for (const abuser of many) abuser.socket.destroy();
    await Promise.all(many.map(({ closed }) => closed));
    using again = await Abuser.open();
    await again.write(options());
    await again.untilAnswers(1);
  }, 60_000);

  it('a peer that asks and never reads is closed, and what was kept for it is let go', async () => {
    using abuser = await Abuser.open();
    abuser.socket.pause();
    const batch = (): string => Array.from({ length: 500 }, options).join('');
    while (!abuser.socket.destroyed) {
      await abuser.write(batch());
      await new Promise((resolve) => setImmediate(resolve));
    }
    await talk();
  }, 60_000);
});

describe('after all that', () => {
  it('nothing threw, nothing is left, and memory is where it was', async () => {
    expect(us.log.filter((line) => line.startsWith('error'))).toEqual([]);
    us.log.length = 0;
    await hangUp();
    await untilIdle(us);
    await until(
      () => `memory came back: ${memoryHeld() - heldBefore} octets more than before`,
      () => memoryHeld() - heldBefore < GROWTH_MAX,
    );
  });
});
