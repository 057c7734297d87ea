import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog } from '@sordino/core';
import type { SipLeg, SipLegLabel } from '@sordino/interception';
import { SDP } from '../../core/test-support/messages.ts';
import { quickTime, until } from '../../core/test-support/quick-time.ts';
import type { RawTcpPeer, RawUdpPeer } from '../../core/test-support/raw-peer.ts';
import { type IncomingCall, Notes, type Party, Scene } from '../../core/test-support/scene.ts';
import { openDialogFile } from '../dialog-file.ts';
import { type FarewellOptions, type FarewellReport, sayFarewell } from '../farewell.ts';
import { readDialogFile, type StoredDialogs } from '../read-dialog-file.ts';

/** A process that has legs, and then has not: its ports are free, and its dialogs are on file as they were at that moment. */
export class DeadProcess implements AsyncDisposable {
  readonly scene: Scene;
  readonly party: Party;
  readonly notes = new Notes();
  readonly #directory: string;

  private constructor(scene: Scene, party: Party, directory: string) {
    this.scene = scene;
    this.party = party;
    this.#directory = directory;
  }

  static async open(protocol: 'udp' | 'tcp' | 'tls'): Promise<DeadProcess> {
    const directory = await mkdtemp(join(tmpdir(), 'sordino-dialogs-'));
    const scene = new Scene();
    const dialogs = openDialogFile(join(directory, 'dialogs.jsonl'), silentLog);
    const label = { call: 'ses_1', role: 'leg5_in' } as const;
    const calls: Party['calls'] = [];
    const party = await scene.party(protocol, {
      dialogs,
      onInvite: (leg, invite) => {
        const notes = new Notes();
        calls.push({ leg, invite, notes });
        return { ...notes.handlers, label };
      },
    });
    const nextCall = async (): Promise<IncomingCall> => {
      await until(
        () => 'an INVITE came in',
        () => calls.length > 0,
      );
      return calls[0] as IncomingCall;
    };
    return new DeadProcess(scene, { ...party, calls, nextCall }, directory);
  }

  get file(): string {
    return join(this.#directory, 'dialogs.jsonl');
  }

  /** Leg 7, or a leg 5 that we take. */
  invite(target: string, label: SipLegLabel = { call: 'ses_1', role: 'leg7_out' }): SipLeg {
    const call = { target, offer: SDP('sordino'), answerTimeoutMs: 100_000 };
    return this.party.sip.invite(call, { ...this.notes.handlers, label });
  }

  /** kill -9, as far as the outside can tell. What our sockets still say is not listened to. */
  async die(...peers: (RawUdpPeer | RawTcpPeer)[]): Promise<StoredDialogs> {
    const kept = `${this.file}.kept`;
    await copyFile(this.file, kept);
    for (const peer of peers) peer.deaf = true;
    await this.party.sip.close();
    for (const peer of peers) peer.deaf = false;
    return readDialogFile(kept, Date.now());
  }

  /** By default with time enough for a test on a busy machine; `{}`: with as much as the product takes. */
  farewell(
    dialogs: StoredDialogs,
    options: Partial<FarewellOptions> = { limitMs: 120_000 },
  ): Promise<FarewellReport> {
    return sayFarewell({ dialogs, scheduler: quickTime, log: silentLog, ...options });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.scene.close();
    await rm(this.#directory, { recursive: true, force: true });
  }
}
