import { speechLike } from '../audio/speech.ts';
import { simSip } from '../phone/open-sim-sip.ts';
import { SimulatedPhone } from '../phone/simulated-phone.ts';
import { SimulatedPlatform } from '../platform/simulated-platform.ts';
import type {
  LegStateEvent,
  PartyAddress,
  PhoneCommand,
  PhoneResults,
  PhoneSetup,
  PlatformCommand,
  PlatformResults,
  PlatformSetup,
} from './protocol.ts';

/** One party of the world behind its commands, in this process. */
export interface Party<Command extends { readonly do: string }, Results> {
  readonly address: PartyAddress;
  run<Do extends Command['do'] & keyof Results>(command: Extract<Command, { do: Do }>): Promise<Results[Do]>;
  close(): Promise<void>;
}

export type PhoneParty = Party<PhoneCommand, PhoneResults>;
export type PlatformParty = Party<PlatformCommand, PlatformResults>;

export async function openPhoneParty(
  setup: PhoneSetup,
): Promise<PhoneParty & { readonly phone: SimulatedPhone }> {
  const { voice, ...options } = setup;
  const phone = await SimulatedPhone.open({
    ...options,
    openSip: simSip({ host: setup.sipHost ?? setup.host, name: setup.name }),
    talker: speechLike(voice.seed, voice.kind),
  });
  return {
    phone,
    address: { uri: phone.uri() },
    // The command decides the type of its result, which no switch can tell the compiler.
    run: async (command) => (await runOnPhone(phone, command)) as never,
    close: () => phone.close(),
  };
}

export async function openPlatformParty(
  setup: PlatformSetup,
  onLegState: (event: LegStateEvent) => void,
): Promise<PlatformParty & { readonly platform: SimulatedPlatform }> {
  const platform = await SimulatedPlatform.open({
    ...setup,
    openSip: simSip({
      host: setup.sipHost ?? setup.host,
      name: 'platform',
      tls: setup.tls,
      minSeS: setup.minSeS,
    }),
    onLegState: (role, cycle, change) => onLegState({ role, cycle, change }),
  });
  return {
    platform,
    address: {
      uri: platform.uri,
      returnUri: {
        udp: platform.returnUri('udp'),
        tcp: platform.returnUri('tcp'),
        ...(setup.tls === undefined ? {} : { tls: platform.returnUri('tls') }),
      },
      referUri: platform.referUri,
    },
    run: async (command) => (await runOnPlatform(platform, command)) as never,
    close: () => platform.close(),
  };
}

async function runOnPhone(phone: SimulatedPhone, command: PhoneCommand): Promise<unknown> {
  switch (command.do) {
    case 'call':
      return await phone.call(command.target);
    case 'until_established':
      return await phone.established;
    case 'until_ended':
      await phone.ended;
      return undefined;
    case 'press':
      return await phone.press(command.keys, command.options);
    case 'hold':
      return await phone.hold();
    case 'resume':
      return await phone.resume();
    case 'mute':
      return phone.mute();
    case 'unmute':
      return phone.unmute();
    case 'hang_up':
      return await phone.hangUp();
    case 'report':
      return phone.report();
  }
}

async function runOnPlatform(platform: SimulatedPlatform, command: PlatformCommand): Promise<unknown> {
  switch (command.do) {
    case 'until_established':
      return await (platform.calls.at(-1) ?? (await platform.nextCall())).established;
    case 'until_ended':
      return await platform.call.ended;
    case 'dialog':
      return platform.call.dialog;
    case 'divert':
      return await platform.divert(command.request).outcome;
    case 'take_refer':
      return await platform.takeRefer(command.behaviour);
    case 'until_over':
      return await platform.call.diversion.over;
    case 'release':
      return await platform.call.diversion.release();
    case 'take_customer_back':
      return await platform.call.diversion.takeCustomerBack();
    case 'hold':
      return await platform.call.hold(command.which, command.direction);
    case 'update_connected_line':
      return await platform.call.updateConnectedLine();
    case 'refer':
      return await platform.call.refer(command.which, command.referTo);
    case 'hang_up':
      return platform.call.hangUp(command.which);
    case 'report':
      return platform.report();
    case 'leg7_packets':
      return [...platform.leg7Packets];
    case 'write_pcap':
      return await platform.writePcap(command.path);
  }
}
