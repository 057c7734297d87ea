import type { Party } from './party.ts';
import type { FromParty, LegStateEvent, ToParty } from './protocol.ts';

/**
 * Makes this process one party of the world: it opens on `start`, runs commands side by side, and ends on `stop` or when the
 * parent is gone.
 */
export function runPartyProcess<Setup, Command extends { readonly do: string }, Results>(
  open: (setup: Setup, onLegState: (event: LegStateEvent) => void) => Promise<Party<Command, Results>>,
): void {
  let party: Party<Command, Results> | undefined;
  const tell = (message: FromParty): void => {
    // The parent may be gone while a command was under way: then nobody wants to know.
    if (process.connected) process.send?.(message, () => undefined);
  };

  process.on('message', (message: ToParty<Setup, Command>) => {
    switch (message.type) {
      case 'start':
        open(message.setup, (event) => tell({ type: 'leg_state', event })).then(
          (opened) => {
            party = opened;
            tell({ type: 'started', address: opened.address });
          },
          (error: unknown) => tell({ type: 'failed', message: textOf(error) }),
        );
        break;
      case 'command': {
        const { id, command } = message;
        if (!party) {
          tell({ type: 'result', id, ok: false, message: 'the party is not open yet: wait for "started"' });
          break;
        }
        party.run(command as never).then(
          (value) => tell({ type: 'result', id, ok: true, value }),
          (error: unknown) => tell({ type: 'result', id, ok: false, message: textOf(error) }),
        );
        break;
      }
      case 'stop':
        void Promise.resolve(party?.close()).finally(() => process.disconnect());
        break;
    }
  });
  process.once('disconnect', () => process.exit(0));
  // A Ctrl-C reaches the whole group; the parent stops us in order.
  process.on('SIGINT', () => undefined);
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
