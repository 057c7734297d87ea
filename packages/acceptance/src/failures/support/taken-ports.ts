import { createSocket, type Socket } from 'node:dgram';
import { HOST } from '../../scene/call-scene.ts';

/** What one call takes of the relay: a pair for each side. */
const PORTS = 4;
const TRIES_MAX = 50;

/** A UDP range that is just enough for one call, and taken by somebody else until `release`. */
export interface TakenPorts {
  readonly min: number;
  readonly max: number;
  release(): Promise<void>;
}

export async function takePorts(): Promise<TakenPorts> {
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    // Below the ephemeral range, from which everybody else on this machine is served.
    const min = 20_000 + 2 * Math.floor(Math.random() * 5_000);
    const sockets = await Promise.all(Array.from({ length: PORTS }, (_, index) => bound(min + index)));
    const open = sockets.filter((socket) => socket !== undefined);
    const release = async (): Promise<void> => {
      await Promise.all(open.splice(0).map((socket) => new Promise<void>((done) => socket.close(done))));
    };
    if (open.length === PORTS) return { min, max: min + PORTS - 1, release };
    await release();
  }
  throw new Error(`no ${PORTS} free UDP ports in a row after ${TRIES_MAX} tries`);
}

function bound(port: number): Promise<Socket | undefined> {
  const socket = createSocket('udp4');
  return new Promise((resolve) => {
    socket.once('error', () => resolve(undefined));
    socket.bind(port, HOST, () => resolve(socket));
  });
}
