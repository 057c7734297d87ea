import {
  type Bound,
  type Carried,
  HEARTBEAT_MS,
  type ToGuardian,
  type ToService,
} from '../guardian/protocol.ts';

/** The service's end of the channel to its guardian. */
export interface GuardianLink {
  readonly carried: Carried;
  /** Where dialogs are written down from now on. */
  dialogs(file: string): void;
  ready(bound: Bound, apiKey: string | undefined): void;
  /** `gone`: the guardian is dead, so nobody would hand calls back in our place. */
  onStop(stop: (order: 'stop' | 'stop-at-once' | 'gone') => void): void;
  /** The last word. */
  close(): void;
}

/** Undefined: nobody guards this process. Its heart beats from here on. */
export async function joinGuardian(): Promise<GuardianLink | undefined> {
  if (process.send === undefined) return undefined;
  let stop: (order: 'stop' | 'stop-at-once' | 'gone') => void = () => {};
  const orders: ('stop' | 'stop-at-once' | 'gone')[] = [];
  const order = (what: 'stop' | 'stop-at-once' | 'gone'): void => {
    orders.push(what);
    stop(what);
  };

  let beating = false;
  const send = (message: ToGuardian): void => {
    // The callback takes the error of a channel that is gone; without it that would be an uncaught one.
    process.send?.(message, undefined, undefined, () => {
      beating = false;
    });
  };
  const heart = setInterval(() => {
    // A guardian that does not read is not written to for ever.
    if (beating || !process.connected) return;
    beating = true;
    send({ kind: 'beat' });
  }, HEARTBEAT_MS);

  const begun = new Promise<Carried>((resolve, reject) => {
    process.on('message', (message) => {
      const said = message as ToService;
      if (said.kind === 'begin') resolve(said.carried);
      else order(said.atOnce ? 'stop-at-once' : 'stop');
    });
    process.once('disconnect', () => {
      clearInterval(heart);
      reject(new Error('the guardian is gone'));
      order('gone');
    });
  });
  return {
    carried: await begun,
    dialogs: (file) => send({ kind: 'dialogs', file }),
    ready: (bound, apiKey) => send({ kind: 'ready', bound, apiKey }),
    onStop: (listener) => {
      stop = listener;
      for (const before of orders) listener(before);
    },
    close: () => {
      stop = () => {};
      clearInterval(heart);
      if (process.connected) process.disconnect();
    },
  };
}
