import { HttpClient } from './http-client.ts';
import { noSamples, payOnce, type Samples } from './load.ts';
import type { ServerSetup } from './protocol.ts';
import { Server } from './server.ts';

export interface MeasurePlan {
  /** For V8 to compile what is used often. */
  readonly warmUpSessions: number;
  /** One after the other: what a step takes when nothing waits for anything else. */
  readonly aloneSessions: number;
  /** So many payments at a time, for so many sessions: what a core can do. */
  readonly together: { readonly payments: number; readonly sessions: number };
}

export interface Measured {
  readonly samples: Samples;
  /** For each second of CPU time of the process, all threads. */
  readonly sessionsPerCoreSecond: number;
}

export async function measure(setup: ServerSetup, plan: MeasurePlan): Promise<Measured> {
  await using server = await Server.start(setup);
  using http = new HttpClient(server.url, setup.apiKey);
  const { payments, sessions } = plan.together;
  await many(server, http, { payments, sessions: plan.warmUpSessions });
  const samples = noSamples();
  for (let session = 0; session < plan.aloneSessions; session += 1) await payOnce(server, http, samples);
  const beforeMs = server.cpuMs;
  await many(server, http, { payments, sessions });
  return { samples, sessionsPerCoreSecond: (1_000 * sessions) / (server.cpuMs - beforeMs) };
}

async function many(
  server: Server,
  http: HttpClient,
  { payments, sessions }: MeasurePlan['together'],
): Promise<void> {
  let begun = 0;
  const lane = async (): Promise<void> => {
    while (begun < sessions) {
      begun += 1;
      await payOnce(server, http, noSamples());
    }
  };
  await Promise.all(Array.from({ length: payments }, lane));
}
