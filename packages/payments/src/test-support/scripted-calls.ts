import { type LegView, ok, type PlayTo, type Result, refuse, type SessionId } from '@sordino/core';
import type { CallControl, ExpectedCall, ExpectRefusal, Rendezvous } from '../ports/call-control.ts';

/** The call side of a scene: remembers what it was asked, answers what it is told to. */
export class ScriptedCalls implements CallControl {
  readonly expected = new Map<SessionId, ExpectedCall>();
  readonly restores: { readonly session: SessionId; readonly reason: string }[] = [];
  readonly collecting = new Map<SessionId, boolean>();
  refusal: ExpectRefusal | undefined;
  readonly played: string[] = [];
  playProblem: 'not_engaged' | 'unknown_prompt' | undefined;
  legViews: readonly LegView[] = [];

  expect(call: ExpectedCall): Result<Rendezvous, ExpectRefusal> {
    if (this.refusal) return refuse(this.refusal);
    if (call.call.platform !== 'plt_main')
      return refuse({ code: 'unknown_platform', message: `no platform is called ${call.call.platform}` });
    for (const other of this.expected.values())
      if (other.call.call_id === call.call.call_id)
        return refuse({ code: 'session_exists', message: 'this call has a live session' });
    this.expected.set(call.session, call);
    return ok({
      sip_uri: 'sip:tok_x@127.0.0.1:5060;transport=tcp',
      e164: null,
      user_to_user: '00aa;encoding=hex',
      header: { 'X-Sordino-Token': 'tok_x' },
      expires_at: 1_790_000_008,
      cycle: 1,
      mediaPath: 'direct',
    });
  }

  setCollecting(session: SessionId, collecting: boolean): void {
    this.collecting.set(session, collecting);
  }

  play(_session: SessionId, to: PlayTo, prompt: string | null): ReturnType<CallControl['play']> {
    if (this.playProblem !== undefined) return refuse(this.playProblem);
    this.played.push(`${prompt} to ${to}`);
    return ok(null);
  }

  restore(session: SessionId, reason: string): void {
    this.restores.push({ session, reason });
    this.expected.delete(session);
  }

  async legs(): Promise<readonly LegView[]> {
    return this.legViews;
  }
}
