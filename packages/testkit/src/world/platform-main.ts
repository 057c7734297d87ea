import { openPlatformParty } from './party.ts';
import { runPartyProcess } from './party-process.ts';

/** The process of the CCaaS platform. */
runPartyProcess(openPlatformParty);
