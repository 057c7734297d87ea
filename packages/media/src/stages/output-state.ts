/** What is known of the output, whatever codec it has at the moment. */
export interface OutputState {
  frames: number;
  framesReplaced: number;
  maskedTicks: number;
  /** The output has stood still; the next frame says so. */
  afterPause: boolean;
  /** A rehearsal: what is to be masked is heard. */
  maskIsOff: boolean;
}

/** The end of the chain: makes the packets of leg 7. */
export interface Framer {
  readonly name: string;
  /** Packets of the customer that are this long must be paced by the clock to leave evenly. */
  mustPace(packetTicks: number): boolean;
  /** Sends what may leave: at once, as packets arrive. */
  sendReady(): void;
  /** Sends what is due: by the clock, so that nothing in the arrival of packets shows. */
  sendDue(packetTicks: number, nowMs: number): void;
  wipe(): void;
}
