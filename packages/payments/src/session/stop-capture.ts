import type { ServiceContext } from './context.ts';
import { failClosed } from './fail-closed.ts';
import type { FieldDesk } from './field-desk.ts';

/** A control has failed that no card may be taken without: open fields are given up, and every session that waits for keys is told. */
export async function stopCapture(context: ServiceContext, desk: FieldDesk): Promise<void> {
  const told = [...context.live.values()].map((live) =>
    context.queues
      .run(live.id, () => desk.giveUp(live))
      .catch((error: unknown) => failClosed(context, live.id, error)),
  );
  await Promise.all(told);
}
