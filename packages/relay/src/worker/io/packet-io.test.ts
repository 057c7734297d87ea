import { createSocket } from 'node:dgram';
import { afterEach, describe, expect, it } from '@jest/globals';
import { silentLog } from '@sordino/core';
import { addonFor } from '../../native-build.ts';
import type { PeerAddress } from '../peer-gate.ts';
import { DgramIo } from './dgram-io.ts';
import { loadAddon } from './native-addon.ts';
import { NativeIo } from './native-io.ts';
import type { PacketIo, PacketSocket } from './packet-io.ts';

/** Rejects on a machine without a compiler: then half of what is promised here is not tested. */
const addon = (await addonFor('native', silentLog)) ?? '';

const IMPLEMENTATIONS: readonly (readonly [string, () => PacketIo])[] = [
  ['dgram', () => new DgramIo()],
  ['native', () => new NativeIo(loadAddon(addon))],
];

/** What a socket heard, and the waiting for it. */
class Heard {
  readonly datagrams: { readonly bytes: number[]; readonly from: PeerAddress }[] = [];
  #watch: () => void = () => {};

  constructor(socket: PacketSocket) {
    socket.receive(this);
  }

  datagram(datagram: Uint8Array, from: PeerAddress): void {
    this.datagrams.push({ bytes: [...datagram], from });
    // May be written to.
    datagram.fill(9);
    this.#watch();
  }

  async atLeast(count: number): Promise<void> {
    while (this.datagrams.length < count)
      await new Promise<void>((resolve) => {
        this.#watch = resolve;
      });
  }
}

describe.each(IMPLEMENTATIONS)('datagram sockets by %s', (_name, make) => {
  const ios: PacketIo[] = [];
  const sockets: PacketSocket[] = [];
  const makeIo = (): PacketIo => {
    const io = make();
    ios.push(io);
    return io;
  };
  const open = async (io: PacketIo, host: string, port = 0): Promise<PacketSocket> => {
    const socket = await io.open(host, port);
    if (socket === undefined) throw new Error(`no port on ${host}`);
    sockets.push(socket);
    return socket;
  };
  afterEach(async () => {
    await Promise.all(sockets.splice(0).map((socket) => socket.close()));
    for (const io of ios.splice(0)) io.stop();
  });

  it.each(['127.0.0.1', '::1'])(
    'carry datagrams both ways on %s, in order, and say from whom',
    async (host) => {
      const io = makeIo();
      const [alice, bob] = [await open(io, host), await open(io, host)];
      const [toAlice, toBob] = [new Heard(alice), new Heard(bob)];
      for (let n = 0; n < 50; n += 1) alice.send(Uint8Array.of(n, n + 1), { host, port: bob.port });
      io.flush();
      await toBob.atLeast(50);
      expect(toBob.datagrams.map(({ bytes }) => bytes)).toEqual(
        Array.from({ length: 50 }, (_, n) => [n, n + 1]),
      );
      expect(toBob.datagrams[0]?.from).toEqual({ host, port: alice.port });
      expect(toBob.datagrams[49]?.from).toBe(toBob.datagrams[0]?.from);
      bob.send(Uint8Array.of(7), { host, port: alice.port });
      io.flush();
      await toAlice.atLeast(1);
      expect(toAlice.datagrams).toEqual([{ bytes: [7], from: { host, port: bob.port } }]);
    },
  );

  it('copy what is sent: the buffer is free at once', async () => {
    const io = makeIo();
    const [alice, bob] = [await open(io, '127.0.0.1'), await open(io, '127.0.0.1')];
    const toBob = new Heard(bob);
    const packet = Uint8Array.of(1, 2, 3);
    alice.send(packet, { host: '127.0.0.1', port: bob.port });
    packet.fill(9);
    io.flush();
    await toBob.atLeast(1);
    expect(toBob.datagrams[0]?.bytes).toEqual([1, 2, 3]);
  });

  it('tell two sources apart, whatever order they come in', async () => {
    const io = makeIo();
    const [alice, eve, bob] = [
      await open(io, '127.0.0.1'),
      await open(io, '127.0.0.2'),
      await open(io, '127.0.0.1'),
    ];
    const toBob = new Heard(bob);
    for (let n = 0; n < 6; n += 1) {
      (n % 2 === 0 ? alice : eve).send(Uint8Array.of(n), { host: '127.0.0.1', port: bob.port });
      io.flush();
      await toBob.atLeast(n + 1);
    }
    expect(toBob.datagrams.map(({ from }) => `${from.host}:${from.port}`)).toEqual(
      Array.from({ length: 6 }, (_, n) =>
        n % 2 === 0 ? `127.0.0.1:${alice.port}` : `127.0.0.2:${eve.port}`,
      ),
    );
  });

  it.each([0, 1, 1_499, 1_500])('carry %d bytes unchanged', async (length) => {
    const io = makeIo();
    const [alice, bob] = [await open(io, '127.0.0.1'), await open(io, '127.0.0.1')];
    const toBob = new Heard(bob);
    const packet = Uint8Array.from({ length }, (_, n) => (n * 7) & 0xff);
    alice.send(packet, { host: '127.0.0.1', port: bob.port });
    io.flush();
    await toBob.atLeast(1);
    expect(toBob.datagrams[0]?.bytes).toEqual([...packet]);
  });

  it('keep nothing of a datagram when it has been handled', async () => {
    const io = makeIo();
    const [alice, bob] = [await open(io, '127.0.0.1'), await open(io, '127.0.0.1')];
    const handed = await new Promise<Uint8Array>((resolve) => {
      bob.receive({ datagram: resolve });
      alice.send(Uint8Array.of(1, 2, 3), { host: '127.0.0.1', port: bob.port });
      io.flush();
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect([...handed]).toEqual([0, 0, 0]);
  });

  it('show a datagram that is longer than any media packet as longer, cut or not', async () => {
    const io = makeIo();
    const bob = await open(io, '127.0.0.1');
    const toBob = new Heard(bob);
    const attacker = createSocket('udp4');
    attacker.send(new Uint8Array(9_000), bob.port, '127.0.0.1');
    await toBob.atLeast(1);
    attacker.close();
    expect(toBob.datagrams[0]?.bytes.length).toBeGreaterThan(1_500);
  });

  it('refuse a port that is taken, and have it again when it is free', async () => {
    const io = makeIo();
    const first = await open(io, '127.0.0.1');
    expect(await io.open('127.0.0.1', first.port)).toBeUndefined();
    await first.close();
    await first.close();
    expect((await open(io, '127.0.0.1', first.port)).port).toBe(first.port);
  });

  it('refuse an address that is not of this machine', async () => {
    expect(await makeIo().open('192.0.2.1', 0)).toBeUndefined();
  });

  it('survive a peer that is not there, and go on', async () => {
    const io = makeIo();
    const [alice, bob] = [await open(io, '127.0.0.1'), await open(io, '127.0.0.1')];
    const toBob = new Heard(bob);
    const gone = await open(io, '127.0.0.1');
    await gone.close();
    for (let n = 0; n < 5; n += 1) alice.send(Uint8Array.of(n), { host: '127.0.0.1', port: gone.port });
    io.flush();
    alice.send(Uint8Array.of(1), { host: '127.0.0.1', port: bob.port });
    io.flush();
    await toBob.atLeast(1);
  });

  it('send what was queued before they close', async () => {
    const io = makeIo();
    const [alice, bob] = [await open(io, '127.0.0.1'), await open(io, '127.0.0.1')];
    const toBob = new Heard(bob);
    alice.send(Uint8Array.of(5), { host: '127.0.0.1', port: bob.port });
    await alice.close();
    await toBob.atLeast(1);
    alice.send(Uint8Array.of(6), { host: '127.0.0.1', port: bob.port });
    io.flush();
  });

  it('lose nothing of a burst, and say when a batch is over', async () => {
    const io = makeIo();
    let batches = 0;
    io.onBatchEnd(() => {
      batches += 1;
    });
    const bob = await open(io, '127.0.0.1');
    const toBob = new Heard(bob);
    const senders = await Promise.all(Array.from({ length: 20 }, () => open(io, '127.0.0.1')));
    for (let round = 0; round < 10; round += 1) {
      for (const sender of senders) sender.send(new Uint8Array(172), { host: '127.0.0.1', port: bob.port });
      io.flush();
      await new Promise((resolve) => setImmediate(resolve));
    }
    await toBob.atLeast(200);
    await new Promise((resolve) => setImmediate(resolve));
    expect(batches).toBeGreaterThan(0);
    expect(batches).toBeLessThanOrEqual(200);
  });

  it('take what anybody throws at them', async () => {
    const io = makeIo();
    const bob = await open(io, '127.0.0.1');
    const toBob = new Heard(bob);
    const attacker = createSocket('udp4');
    let seed = 1;
    const random = (below: number): number => {
      seed = (seed * 48_271) % 0x7fffffff;
      return seed % below;
    };
    for (let n = 0; n < 2_000; n += 1) {
      const garbage = Uint8Array.from({ length: random(3) === 0 ? random(3_000) : random(40) }, () =>
        random(256),
      );
      attacker.send(garbage, bob.port, '127.0.0.1');
      if (n % 50 === 0) await toBob.atLeast(toBob.datagrams.length + 1);
    }
    attacker.close();
    expect(toBob.datagrams.every(({ bytes }) => bytes.length < 3_000)).toBe(true);
  });

  it('can be closed by the handler of a datagram', async () => {
    const io = makeIo();
    const [alice, bob] = [await open(io, '127.0.0.1'), await open(io, '127.0.0.1')];
    let closed = 0;
    const done = new Promise<void>((resolve) => {
      bob.receive({
        datagram() {
          closed += 1;
          void bob.close().then(resolve);
        },
      });
    });
    for (let n = 0; n < 3; n += 1) alice.send(Uint8Array.of(n), { host: '127.0.0.1', port: bob.port });
    io.flush();
    await done;
    expect(closed).toBe(1);
  });
});
