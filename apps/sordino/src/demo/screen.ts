import type { EventEnvelope, LegView } from '@sordino/core';
import { hostNowMs } from '@sordino/testkit';

/** The live output: one line per thing that happens, with the seconds since the start. */
export class Screen {
  readonly #startMs: number;
  readonly #write: (line: string) => void;

  constructor(startMs: number, write: (line: string) => void) {
    this.#startMs = startMs;
    this.#write = write;
  }

  say(text: string): void {
    const seconds = ((hostNowMs() - this.#startMs) / 1_000).toFixed(3);
    this.#write(`${seconds.padStart(8)}  ${text}`);
  }

  heading(text: string): void {
    this.#write(`\n── ${text} ${'─'.repeat(Math.max(0, 76 - text.length))}`);
  }

  event(event: EventEnvelope): void {
    if (event.type === 'leg.updated') this.say(legLine(event.data.leg as LegView));
    else this.say(`${event.type.padEnd(24)} ${eventWords(event)}`);
  }
}

function legLine({ role, states, reason }: LegView): string {
  const path = states.map(({ state }) => state).join(' › ');
  return `  ${role.padEnd(14)} ${path}${reason === null ? '' : `  (${reason})`}`;
}

/** What the agent's page shows: masks and results, never digits. */
function eventWords({ type, data }: EventEnvelope): string {
  if (type === 'field.progress') return `${data.field} ${'•'.repeat(Number(data.length))}`;
  if (type === 'field.captured' && typeof data.last4 === 'string') {
    return `${data.field} ${data.brand} •••• ${data.last4}`;
  }
  return Object.entries(data)
    .filter(([, value]) => value !== null && typeof value !== 'object')
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
}
