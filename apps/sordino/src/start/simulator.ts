import type { Log } from '@sordino/core';
import { forkGateway } from '@sordino/testkit';

const LOOPBACK = '127.0.0.1';

interface Simulator {
  readonly url: string;
  /** Of the process that serves now. */
  readonly pid: number | undefined;
  close(): Promise<void>;
}

/**
 * The gateway simulator, in a process of its own: it reads the request as JSON, and a card number that is a string in our heap is
 * what rule 6 forbids, test card or not. Should it die it is started again where it was; it has forgotten its charges then, so
 * one that was under way stays `unknown` until its schedule of lookups ends.
 */
export async function runSimulator(log: Log): Promise<Simulator> {
  let running = await forkGateway(LOOPBACK);
  const { url } = running;
  let closing = false;
  const watch = (): void => {
    void running.ended.then(async () => {
      if (closing) return;
      log.error('the gateway simulator died: starting it again', { pid: running.pid ?? null });
      try {
        running = await forkGateway(LOOPBACK, Number(new URL(url).port));
        if (closing) await running.close();
        else watch();
      } catch (error) {
        log.error('the gateway simulator does not start again: payments fail until a restart', {
          reason: String(error),
        });
      }
    });
  };
  watch();
  return {
    url,
    get pid() {
      return running.pid;
    },
    close: () => {
      closing = true;
      return running.close();
    },
  };
}
