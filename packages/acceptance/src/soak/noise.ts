import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import { HOST } from '../bench/load/messages.ts';
import type { System } from '../bench/system.ts';
import { mutator, SEED_MESSAGES } from '../process/support/mutations.ts';

const DATAGRAMS_PER_S = 20;
const CONNECTIONS_PER_S = 2;
/** The same noise every time. */
const SEED = 4_475;

export interface Noise extends Disposable {
  readonly datagrams: number;
  readonly connections: number;
}

/** What else comes to an open port: broken SIP over UDP, and TCP connections that begin a message and are reset, or say nothing. */
export function makeNoise({ sipPort, tcpPort }: System): Noise {
  const mutate = mutator(SEED);
  const socket = createSocket('udp4');
  let datagrams = 0;
  let connections = 0;
  const seed = (count: number): string => SEED_MESSAGES[count % SEED_MESSAGES.length] ?? '';
  const timers = [
    setInterval(() => {
      datagrams += 1;
      socket.send(mutate(seed(datagrams)), sipPort, HOST);
    }, 1_000 / DATAGRAMS_PER_S),
    setInterval(() => {
      connections += 1;
      hurt(tcpPort, mutate(seed(connections)), connections);
    }, 1_000 / CONNECTIONS_PER_S),
  ];
  return {
    get datagrams() {
      return datagrams;
    },
    get connections() {
      return connections;
    },
    [Symbol.dispose]: () => {
      for (const timer of timers) clearInterval(timer);
      socket.close();
    },
  };
}

/** Half a message and a reset, a whole one and a reset, or silence for a while. */
function hurt(port: number, octets: Buffer, count: number): void {
  const socket = connect(port, HOST);
  socket.on('error', () => undefined);
  socket.resume();
  if (count % 3 === 0) setTimeout(() => socket.resetAndDestroy(), SILENT_MS).unref();
  else {
    const sent = count % 3 === 1 ? octets.subarray(0, octets.length >> 1) : octets;
    socket.write(sent, () => socket.resetAndDestroy());
  }
}

const SILENT_MS = 15_000;
