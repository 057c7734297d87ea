import type { RendezvousObject } from '@sordino/core';
import {
  type CallKind,
  type Config,
  checkPlatform,
  configSchema,
  PATIENCE,
  type Patience,
  type PlatformReport,
} from '@sordino/sordino';
import {
  type Leg5Offer,
  type LocalWorld,
  type PlatformBehaviour,
  type ReferBehaviour,
  startLocalWorld,
  type WorldOptions,
} from '@sordino/testkit';
import { HOST } from '../../scene/call-scene.ts';

export interface CheckScene {
  readonly world?: WorldOptions;
  readonly profile?: Partial<Config['platforms'][number]>;
  readonly offer?: Leg5Offer;
  readonly behaviour?: PlatformBehaviour;
  /** Of one of the calls, instead of `behaviour`. */
  readonly behaviours?: Partial<Record<CallKind, PlatformBehaviour>>;
  readonly slow?: boolean;
  readonly patience?: Partial<Patience>;
  /** Sordino asks for the call; the platform answers so. */
  readonly refer?: Partial<ReferBehaviour>;
  /** What the platform makes of the rendezvous; undefined: it diverts nothing. */
  readonly handOver?: (rendezvous: RendezvousObject) => RendezvousObject | undefined;
  /** Default: 1 2 3 # on the customer's phone. */
  readonly pressKeys?: (world: LocalWorld) => Promise<void>;
}

/** Shorter than a person needs, longer than the simulated world does on a busy machine. */
const QUICK: Patience = {
  ...PATIENCE,
  divertMs: 10_000,
  readyMs: 20_000,
  keysMs: 10_000,
  afterMs: 300,
  holdMs: 6_000,
  lossMs: 4_000,
};

/** `sordino check-platform` against the simulated platform, which plays the operator as well. */
export async function checkSimulated(scene: CheckScene = {}): Promise<PlatformReport> {
  await using world = await startLocalWorld(scene.world);
  await world.customer.call();
  await world.platform.untilEstablished();
  const config = configSchema.parse({
    sip: { listen: ['udp', 'tcp'].map((protocol) => ({ protocol, host: HOST, port: 0 })) },
    media: { host: HOST, port_min: 0, port_max: 0 },
    platforms: [
      {
        id: 'plt_main',
        return_uri: world.platform.returnUri.udp,
        correlation_headers: ['X-Sim-Call'],
        ...(scene.refer && { refer: { form: 'target_dialog', target_uri: world.platform.referUri } }),
        ...scene.profile,
      },
    ],
  });
  const [platform] = config.platforms;
  if (platform === undefined) throw new Error('one platform is configured');
  const divert = async (kind: CallKind, rendezvous: RendezvousObject): Promise<void> => {
    const sordino = (scene.handOver ?? ((same) => same))(rendezvous);
    if (sordino === undefined) return;
    if (kind !== 'whole') await world.platform.untilOver();
    await world.platform.divert({
      sordino,
      offer: scene.offer ?? 'none',
      correlation: `check-${kind}`,
      behaviour: scene.behaviours?.[kind] ?? scene.behaviour ?? {},
    });
  };
  const dialog = scene.refer && (await world.platform.dialog());
  if (scene.refer)
    void world.platform.takeRefer({ offer: 'none', correlation: 'check-asked', ...scene.refer });
  const press = scene.pressKeys ?? (() => world.customer.press('123#', { how: 'events' }));
  return await checkPlatform({
    config,
    platform,
    callId: 'e-check',
    ani: undefined,
    dialog: dialog && {
      call_id: dialog.callId,
      local_tag: dialog.localTag,
      remote_tag: dialog.remoteTag,
    },
    slow: scene.slow ?? false,
    patience: { ...QUICK, ...scene.patience },
    operator: {
      divert: (kind, rendezvous, asked) => {
        if (!asked) void divert(kind, rendezvous);
      },
      pressKeys: () => void press(world),
    },
  });
}

/** `item: words` of every finding of one verdict. */
export const wordsOf = (report: PlatformReport, verdict: string): string[] =>
  report.findings
    .filter((finding) => finding.verdict === verdict)
    .map(({ item, words }) => `${item}: ${words}`);
