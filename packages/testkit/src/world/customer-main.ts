import { openPhoneParty } from './party.ts';
import { runPartyProcess } from './party-process.ts';

/** The process of the customer's phone. */
runPartyProcess(openPhoneParty);
