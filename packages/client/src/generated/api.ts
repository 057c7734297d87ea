// Made by `npm run generate -w packages/client` from the OpenAPI document. Not to be changed by hand.
export interface paths {
    readonly "/v1/sessions": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * List sessions, newest first
         * @description With an agent token only the sessions of its call. Not with a client secret.
         */
        readonly get: operations["listSessions"];
        readonly put?: never;
        /**
         * Create a session and get its one-time SIP rendezvous
         * @description With an agent token only for the token's call and within its limit. A repeated request with the same `Idempotency-Key` and the same
         *     body gets the first answer; with another body it is refused (422).
         */
        readonly post: operations["createSession"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/sessions/{id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly id: components["parameters"]["Id"];
            };
            readonly cookie?: never;
        };
        /** Read a session */
        readonly get: operations["readSession"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/sessions/{id}/fields/{name}/collect": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly id: components["parameters"]["Id"];
                readonly name: components["parameters"]["Field"];
            };
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Start or restart a field */
        readonly post: operations["collectField"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/sessions/{id}/fields/{name}/clear": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly id: components["parameters"]["Id"];
                readonly name: components["parameters"]["Field"];
            };
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Take back the last digits of a field, or all of them */
        readonly post: operations["clearField"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/sessions/{id}/confirm": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly id: components["parameters"]["Id"];
            };
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Charge, authorise or tokenise
         * @description Answers when the outcome is known, or with status `unknown` when the gateway's answer was lost: then do not take the payment again. A repeat with
         *     the same key gets the first answer and charges nothing.
         */
        readonly post: operations["confirmSession"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/sessions/{id}/settle": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly id: components["parameters"]["Id"];
            };
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Take the money of an authorised payment, once
         * @description All that was authorised, or less where the connector can. Answers with state `done`, `pending` (an event will tell), `refused` or `unknown`:
         *     then do not do it again, its event comes. A repeat with the same key is the same operation.
         */
        readonly post: operations["settlePayment"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/sessions/{id}/void": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly id: components["parameters"]["Id"];
            };
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Undo a payment that is not settled
         * @description All of it. States as with settle.
         */
        readonly post: operations["voidPayment"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/sessions/{id}/refund": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly id: components["parameters"]["Id"];
            };
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Give money back
         * @description All that is left, or a part; together never more than was taken. States as with settle.
         */
        readonly post: operations["refundPayment"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/sessions/{id}/resolve": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly id: components["parameters"]["Id"];
            };
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * End by hand a charge that stayed unknown
         * @description For a payment with status `unknown` that the gateway was asked about for a day in vain (`payment.attention_needed`, `outcome_still_unknown`): a person has looked it up at the gateway. The status
         *     becomes the outcome, once, with its event; the audit trail has who said so. Refused while the gateway is still being asked. What the gateway tells later rewrites nothing: it is `payment.attention_needed`.
         */
        readonly post: operations["resolvePayment"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/sessions/{id}/operations": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly id: components["parameters"]["Id"];
            };
            readonly cookie?: never;
        };
        /** What was done with the payment after its charge */
        readonly get: operations["listOperations"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/gateway_events/{connector}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly connector: components["schemas"]["Name"];
            };
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * What a gateway sends on its own
         * @description For the gateway of this connector, not for you: it needs no key of ours, and is believed only with its own signature, and only while that is fresh. What was seen
         *     before changes nothing, and nothing that is known is taken back.
         */
        readonly post: operations["takeGatewayEvent"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/pay_connectors/{connector}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly connector: components["schemas"]["Name"];
            };
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Charge a card that somebody else's <Pay> has collected
         * @description The receiving side of Twilio's Generic Pay Connector, for a `<Pay>` that has already taken the keys; not for you, and the only place of this API that takes a card. The credential is HTTP Basic or bearer. The body is a JSON object with
         *     `transaction_id`, `method` (`charge`, `tokenize`), `amount` (major units, text), `currency_code`, `description`, `parameters` and the card as texts of digits: docs/integrate/somebody-elses-pay.md. It is read as bytes and never made
         *     into text, so this document does not describe it further. A repeat with the same `transaction_id` gets the same outcome and charges nothing. What becomes of it is a session with `call.platform` `plt_pay_connector`.
         */
        readonly post: operations["payByConnector"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/sessions/{id}/cancel": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly id: components["parameters"]["Id"];
            };
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Wipe what was collected and hand the call back */
        readonly post: operations["cancelSession"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/sessions/{id}/play": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly id: components["parameters"]["Id"];
            };
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Play a prompt to the customer or the agent, or stop it
         * @description In place of the other person's voice while it plays; keys are taken out all the while. It begins at once and ends what played there before; `prompt.ended`
         *     tells the end. Only while the call is engaged.
         */
        readonly post: operations["playPrompt"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/sessions/{id}/restore": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly id: components["parameters"]["Id"];
            };
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Hand the call back now; the payment's state stays */
        readonly post: operations["restoreCall"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/sessions/{id}/evidence": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly id: components["parameters"]["Id"];
            };
            readonly cookie?: never;
        };
        /**
         * All that is known of one session, in one piece for an assessor
         * @description Needs an API key. The session, its legs, all its events, and every access to it from the audit trail. No card data is in any of them.
         */
        readonly get: operations["readEvidence"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/sessions/{id}/legs": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly id: components["parameters"]["Id"];
            };
            readonly cookie?: never;
        };
        /** Legs 4 to 8, with signalling state and media figures */
        readonly get: operations["readLegs"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/sessions/{id}/events": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly id: components["parameters"]["Id"];
            };
            readonly cookie?: never;
        };
        /** Replay a session's events in order */
        readonly get: operations["listEvents"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/sessions/{id}/events/stream": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly id: components["parameters"]["Id"];
            };
            readonly cookie?: never;
        };
        /**
         * Follow a session's events (server-sent events)
         * @description `id` is the event's `seq`, `event` its type, `data` its envelope. Replays what came after `Last-Event-ID` (or `after`), then follows without a
         *     gap. Comments are heartbeats. A page reads it with `fetch`, so that the credential stays in a header and out of the URL.
         */
        readonly get: operations["streamEvents"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/agent_tokens": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Mint a short-lived token for one agent's page and one call, or one session
         * @description Needs an API key, and gives no right that the key does not have. The token is shown once and kept nowhere: what it grants is sealed in it. It outlives a restart
         *     (with the memory store it does not, and is 401), and ends when it expires or when the key that minted it does.
         */
        readonly post: operations["createAgentToken"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/platforms": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * List the platforms of the configuration, and whether each is reachable
         * @description Needs an API key. Platforms belong to the process and are the same for every tenant; they are configured, not made here.
         */
        readonly get: operations["listPlatforms"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/platforms/{platform}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly platform: components["parameters"]["Platform"];
            };
            readonly cookie?: never;
        };
        /** Read a platform */
        readonly get: operations["readPlatform"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/platforms/{platform}/probe": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly platform: components["parameters"]["Platform"];
            };
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Ask the platform by OPTIONS now
         * @description One at a time, and not again within a second (429). Answers with what came, also when nothing did.
         */
        readonly post: operations["probePlatform"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/webhook_endpoints": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * List where the events of your sessions go, and how that goes
         * @description Needs an API key; the endpoints of its tenant and mode. They are configured, not made here.
         */
        readonly get: operations["listWebhookEndpoints"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/webhook_endpoints/{endpoint}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly endpoint: components["parameters"]["WebhookEndpoint"];
            };
            readonly cookie?: never;
        };
        /** Read a webhook endpoint */
        readonly get: operations["readWebhookEndpoint"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/webhook_endpoints/{endpoint}/replay": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly endpoint: components["parameters"]["WebhookEndpoint"];
            };
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Send the events of a session again, in order, from one `seq` on
         * @description Also those that the endpoint took, and also after 72 hours in which it took none. The ids are those of the first time.
         */
        readonly post: operations["replayWebhooks"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/connectors": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * List the connectors of the configuration, and what each can do
         * @description Needs an API key, and shows the connectors of its mode. They are configured, not made here.
         */
        readonly get: operations["listConnectors"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/connectors/{connector}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly connector: components["schemas"]["ConnectorId"];
            };
            readonly cookie?: never;
        };
        /** Read a connector */
        readonly get: operations["readConnector"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/api_keys": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * List the API keys of your tenant and mode, newest first
         * @description Those of the configuration are the last ones. The keys themselves are shown nowhere.
         */
        readonly get: operations["listApiKeys"];
        readonly put?: never;
        /**
         * Make an API key of your tenant and mode
         * @description It can have the scopes of the key that asks, and no others. The answer shows the key this once; only its SHA-256 is kept.
         */
        readonly post: operations["createApiKey"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/api_keys/{key}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly key: components["parameters"]["ApiKey"];
            };
            readonly cookie?: never;
        };
        /** Read an API key; never the key itself */
        readonly get: operations["readApiKey"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/api_keys/{key}/roll": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly key: components["parameters"]["ApiKey"];
            };
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Make a key that takes the place of this one
         * @description With the same name, scopes and lifetime. Both are live until the old one ends, a day later unless `overlap_seconds` says otherwise; two at most, so it cannot
         *     be rolled again before that.
         */
        readonly post: operations["rollApiKey"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/api_keys/{key}/revoke": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly key: components["parameters"]["ApiKey"];
            };
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** End an API key now, with the agent tokens that it minted */
        readonly post: operations["revokeApiKey"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/audit_events": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Who of your tenant did what, newest first
         * @description Every request under `/v1` with a credential of your tenant and mode. `sordino audit verify` proves the trail that they are from.
         */
        readonly get: operations["listAuditEvents"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/test/faults": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** What can be rehearsed, or what was armed for a session */
        readonly get: operations["listTestFaults"];
        readonly put?: never;
        /**
         * Rehearse a failure on a test call
         * @description Needs a test API key; a session of another tenant or of live mode is a 404. The fault is made on Sordino's side of one call: no other call, and nothing of the
         *     platform, is touched. Some take effect at once, others with the next step of the call: `timing` says when.
         */
        readonly post: operations["armTestFault"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/healthz": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** The process answers */
        readonly get: operations["health"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/readyz": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** The process takes new sessions */
        readonly get: operations["ready"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        readonly SessionId: string;
        readonly PlatformId: string;
        /** @description 1 to 255 printable characters without spaces. Only its SHA-256 is kept. */
        readonly IdempotencyKey: string;
        /** @description The platform's name of the call, as it is. Printable, no spaces. */
        readonly CallId: string;
        /** @description A name from the configuration */
        readonly Name: string;
        /** @description Free text of one line. Runs of 13 and more digits are refused, so that no card number ends up here. */
        readonly Words: string;
        /** @description As `Words`, for references and names */
        readonly ShortWords: string;
        /** @enum {string} */
        readonly PaymentStatus: "created" | "awaiting_media" | "ready" | "collecting" | "ready_to_confirm" | "processing" | "approved" | "declined" | "unknown" | "failed" | "canceled" | "expired";
        /** @enum {string} */
        readonly Topology: "original" | "engaging" | "engaged" | "restoring" | "restored" | "degraded" | "lost";
        /** @enum {string} */
        readonly FieldName: "card_number" | "expiry" | "cvc" | "postal_code" | "bank_routing" | "bank_account";
        /** @enum {string} */
        readonly FieldCode: "timeout" | "invalid_card_number" | "invalid_card_type" | "invalid_date" | "invalid_security_code" | "invalid_postal_code" | "invalid_bank_routing_number" | "invalid_bank_account_number" | "too_many_attempts" | "duplicate_tones" | "no_tones_heard";
        /** @enum {string} */
        readonly FaultName: "no_invite" | "refer_refused" | "rendezvous_unknown" | "no_common_codec" | "overloaded" | "leg7_refused" | "leg7_no_answer" | "leg5_canceled" | "ack_lost" | "no_media" | "glare" | "media_stalled" | "keys_on_wrong_transport" | "mask_off" | "agent_left" | "customer_hangup" | "held" | "refer_received" | "refresh_failed" | "relay_worker_lost" | "relay_move_refused" | "process_killed" | "gateway_slow" | "gateway_answer_lost" | "call_dropped_while_processing" | "not_taken_back" | "storage_unavailable";
        /** @description Where the session ends up. Null is what it would be without the fault. */
        readonly FaultExpectation: {
            readonly topology: components["schemas"]["Topology"] | null;
            readonly status: components["schemas"]["PaymentStatus"] | null;
            /** @description The session's `failure_code`, or the code or reason of the event or error that tells of it */
            readonly code: string | null;
            readonly call_safe: boolean;
        };
        readonly OperationList: {
            /** @constant */
            readonly object: "list";
            readonly data: readonly components["schemas"]["Operation"][];
            readonly has_more: boolean;
        };
        /** @description A step after a charge */
        readonly Operation: {
            readonly id: string;
            /** @constant */
            readonly object: "operation";
            readonly livemode: boolean;
            readonly created: components["schemas"]["UnixSeconds"];
            readonly session: components["schemas"]["SessionId"];
            /**
             * @description `cancel`: undone by our reference because its outcome was not known
             * @enum {string}
             */
            readonly kind: "settle" | "void" | "refund" | "cancel";
            readonly amount: components["schemas"]["Amount"];
            readonly currency: components["schemas"]["Currency"];
            /**
             * @description `pending`: taken, an event will tell the rest. `unknown`: the answer was lost, and is asked for; do not do it again. `not_sent`: nobody has heard of it.
             * @enum {string}
             */
            readonly state: "sending" | "pending" | "done" | "refused" | "not_sent" | "unknown";
            /** @description Why it was refused, or is not known */
            readonly code: string | null;
            /** @enum {string} */
            readonly why: "requested" | "late_approval" | "outcome_unknown";
        };
        /** @enum {string} */
        readonly DeclineCategory: "funds" | "do_not_honour" | "expired" | "bad_number" | "bad_cvv" | "avs" | "not_permitted" | "sca_required" | "limit" | "issuer_down" | "config" | "duplicate" | "other";
        readonly TestFault: {
            readonly id: string;
            /** @constant */
            readonly object: "test_fault";
            /** @constant */
            readonly livemode: false;
            readonly created: components["schemas"]["UnixSeconds"];
            readonly session: components["schemas"]["SessionId"];
            readonly fault: components["schemas"]["FaultName"];
            readonly description: components["schemas"]["Words"];
            readonly expected: components["schemas"]["FaultExpectation"];
            /** @enum {string} */
            readonly state: "armed" | "fired";
        };
        readonly TestFaultKind: {
            /** @constant */
            readonly object: "test_fault_kind";
            readonly fault: components["schemas"]["FaultName"];
            /**
             * @description `invite`: with the INVITE on leg 5, so arm it before. `engaged`: at once, or as soon as the session is ready. `charge`: with the next confirm.
             *     `restore`: with the next hand-back. `reinvite`: with the platform's next re-INVITE. `now`: at once. `next_refer`: with the REFER of the call's next session.
             * @enum {string}
             */
            readonly timing: "invite" | "engaged" | "charge" | "restore" | "reinvite" | "now" | "next_refer";
            readonly description: components["schemas"]["Words"];
            readonly expected: components["schemas"]["FaultExpectation"];
        };
        readonly TestFaultList: {
            /** @constant */
            readonly object: "list";
            readonly data: readonly (components["schemas"]["TestFault"] | components["schemas"]["TestFaultKind"])[];
            readonly has_more: boolean;
        };
        /** @enum {string} */
        readonly MaskStyle: "silence" | "flat_tone" | "comfort_noise";
        /** @enum {string} */
        readonly MaskHold: "per_key" | "until_idle" | "whole_field";
        /** @enum {string} */
        readonly IntentType: "charge" | "authorize" | "tokenize";
        /** @description ISO 4217 in lower case */
        readonly Currency: string;
        /** @description In minor units */
        readonly Amount: number;
        readonly UnixSeconds: number;
        readonly UnixMilliseconds: number;
        readonly Call: {
            readonly platform: components["schemas"]["Name"];
            readonly call_id: components["schemas"]["CallId"];
            /** @description The caller's number in E.164 form */
            readonly ani?: string;
            /** @description Where leg 7 goes, instead of the platform's configured address. Its host must be configured. `{call_id}` stands for `call_id`. */
            readonly return_uri?: string;
            /** @description The platform's dialog with the customer's side, as the platform sees it: `local_tag` is its own tag. Needed for `start.method: refer`. */
            readonly dialog?: {
                readonly call_id: components["schemas"]["CallId"];
                readonly local_tag: components["schemas"]["CallId"];
                readonly remote_tag: components["schemas"]["CallId"];
            };
        };
        /** @description Yours; up to 50 short texts */
        readonly Metadata: {
            readonly [key: string]: components["schemas"]["Words"];
        };
        /** @description In the names of Twilio's Generic Pay Connector; `auth_code` and `session` are ours */
        readonly PayAnswer: {
            /** @description The session */
            readonly charge_id: string | null;
            /** @description The gateway's token */
            readonly token_id: string | null;
            readonly auth_code: string | null;
            /** @description Null only if it was charged or saved */
            readonly error_code: string | null;
            readonly error_message: string | null;
            readonly session: components["schemas"]["SessionId"];
        };
        readonly CreateSession: {
            /** @enum {string} */
            readonly mode?: "agent_assisted";
            readonly call: components["schemas"]["Call"];
            readonly start?: {
                /**
                 * @description `await_invite` (default): the platform INVITEs us at the rendezvous. `refer`: we ask the platform for the call; its profile must allow
                 *     that (`refer.form`), and `call.dialog` must name the call.
                 * @enum {string}
                 */
                readonly method?: "await_invite" | "refer";
                /** @description How long to wait for the INVITE */
                readonly timeout_ms?: number;
            };
            readonly intent: {
                readonly type: components["schemas"]["IntentType"];
                readonly amount: components["schemas"]["Amount"];
                readonly currency: components["schemas"]["Currency"];
                readonly reference?: components["schemas"]["ShortWords"];
            };
            readonly connector?: components["schemas"]["Name"];
            readonly fields?: readonly components["schemas"]["FieldName"][];
            readonly mask?: {
                readonly style?: components["schemas"]["MaskStyle"];
                readonly hold?: components["schemas"]["MaskHold"];
            };
            readonly agent?: {
                readonly id: components["schemas"]["ShortWords"];
            };
            readonly metadata?: components["schemas"]["Metadata"];
        };
        readonly Session: {
            readonly id: components["schemas"]["SessionId"];
            /** @constant */
            readonly object: "session";
            readonly livemode: boolean;
            readonly created: components["schemas"]["UnixSeconds"];
            readonly status: components["schemas"]["PaymentStatus"];
            readonly topology: components["schemas"]["Topology"];
            /** @description The how-manieth time this call is diverted */
            readonly cycle: number;
            /** @enum {string} */
            readonly media_path: "direct" | "via_platform";
            readonly call: components["schemas"]["Call"];
            readonly intent: {
                readonly type: components["schemas"]["IntentType"];
                readonly amount: components["schemas"]["Amount"];
                readonly currency: components["schemas"]["Currency"];
                readonly reference: components["schemas"]["Words"] | null;
            };
            readonly connector: components["schemas"]["Name"];
            readonly mask: {
                readonly style: components["schemas"]["MaskStyle"];
                readonly hold: components["schemas"]["MaskHold"];
            };
            readonly agent: null | {
                readonly id: components["schemas"]["ShortWords"];
            };
            readonly fields: readonly components["schemas"]["Field"][];
            readonly result: {
                readonly auth_code: string | null;
                readonly token: components["schemas"]["Words"] | null;
                readonly decline_code: components["schemas"]["Words"] | null;
                /** @description Why, in words that are the same for every gateway; `other` where an agent must not know */
                readonly decline_category: components["schemas"]["DeclineCategory"] | null;
                /** @description What may help */
                readonly retry: ("never" | "same_card_later" | "fix_field" | "other_card") | null;
                readonly failure_code: components["schemas"]["Words"] | null;
            };
            /** @description Which leg the call failed on, when it did; result.failure_code says how. */
            readonly call_failure: null | {
                readonly leg: components["schemas"]["ShortWords"] | null;
                readonly sip: components["schemas"]["SipAnswer"];
            };
            /** @description How often leg 7 was muted because a second detector heard on it what must not leave. Anything but 0 is an incident. */
            readonly leaks_suspected: number;
            /** @description What that detector heard in all. Null until the call has gone back. */
            readonly attestation: null | components["schemas"]["MaskAttestation"];
            readonly rendezvous: components["schemas"]["Rendezvous"] | null;
            /** @description Only in the answer to create. Lets the agent's page use this session and nothing else. */
            readonly client_secret?: string;
            readonly last_event_seq: number;
            readonly metadata: components["schemas"]["Metadata"];
        };
        /** @description What a second detector heard on leg 7, as it was sent, over the whole diversion. It tells neither keys nor times. */
        readonly MaskAttestation: {
            /** @description Keys that the customer pressed */
            readonly keys_in: number;
            /** @description Keys that left on leg 7 */
            readonly tones_out: number;
            /** @description The loudest that was left on leg 7 while a key was pressed - level of the weaker of its two tones. Null if no key was pressed. */
            readonly worst_residual_dbm0: number | null;
            /** @description The same measure over the customer's speech, its median. Null if nobody spoke. */
            readonly speech_dbm0: number | null;
            readonly lookback_ms: number;
            /** @description False: a relay worker died, and what it heard last is not in the figures */
            readonly complete: boolean;
        };
        readonly SipAnswer: null | {
            readonly status: number;
            readonly reason: string;
        };
        readonly SessionList: {
            /** @constant */
            readonly object: "list";
            readonly data: readonly components["schemas"]["Session"][];
            readonly has_more: boolean;
        };
        readonly Field: {
            readonly name: components["schemas"]["FieldName"];
            /** @enum {string} */
            readonly state: "empty" | "collecting" | "captured" | "rejected" | "wiped";
            /** @description Keys accepted so far; never the keys */
            readonly length: number;
            readonly code: components["schemas"]["FieldCode"] | null;
            readonly attempts: number;
            readonly brand: string | null;
            readonly last4: string | null;
        };
        /** @description Where the platform sends its INVITE, in any of four ways; good for one call */
        readonly Rendezvous: {
            readonly sip_uri: string;
            readonly e164: string | null;
            readonly user_to_user: string;
            readonly header: {
                readonly "X-Sordino-Token": string;
            };
            readonly expires_at: components["schemas"]["UnixSeconds"];
        };
        readonly LegList: {
            /** @constant */
            readonly object: "list";
            readonly data: readonly components["schemas"]["Leg"][];
            readonly has_more: boolean;
        };
        /** @enum {string} */
        readonly LegState: "idle" | "inviting" | "early" | "confirmed" | "media_up" | "terminating" | "terminated" | "stalled" | "failed";
        readonly Leg: {
            /** @enum {string} */
            readonly role: "leg4_customer" | "leg5_in" | "leg6_media" | "leg7_out" | "leg8_agent";
            readonly cycle: number;
            readonly state: components["schemas"]["LegState"];
            /** @enum {string} */
            readonly basis: "signalled" | "observed" | "inferred";
            readonly since_ms: components["schemas"]["UnixMilliseconds"];
            readonly states: readonly {
                readonly state: components["schemas"]["LegState"];
                readonly at_ms: components["schemas"]["UnixMilliseconds"];
            }[];
            readonly reason: string | null;
            readonly sip: null | {
                readonly call_id: string;
                readonly status: number | null;
            };
            readonly media: null | {
                readonly codec: string;
                readonly local: string;
                readonly remote: string | null;
                readonly packets_in: number;
                readonly packets_out: number;
                readonly lost_in: number;
                readonly jitter_ms: number;
                /** @description Dropped because the source was not the signalled peer */
                readonly foreign_in: number;
                readonly last_in_ms_ago: number | null;
                /** @description Round trip to the peer; null while its RTCP has not told */
                readonly rtt_ms: number | null;
                /** @description Packets of ours that the peer says are lost */
                readonly lost_out: number | null;
                /** @description Jitter of our stream as the peer says */
                readonly jitter_out_ms: number | null;
                /**
                 * @description Audio in one direction only. `not_heard`: we send and the peer owes us packets, and none comes. `not_hearing`: its RTCP says that nothing of ours arrives
                 * @enum {string|null}
                 */
                readonly one_way: "not_heard" | "not_hearing" | null;
                /** @description What came from the peer in the last minute, in samples of ten seconds, oldest first */
                readonly quality: readonly components["schemas"]["LegQuality"][];
            };
        };
        readonly LegQuality: {
            readonly at_ms: components["schemas"]["UnixMilliseconds"];
            readonly packets: number;
            readonly lost: number;
            readonly loss_pct: number;
            readonly jitter_ms: number;
            readonly jitter_max_ms: number;
            readonly rtt_ms: number | null;
            /** @description ITU-T G.107 from codec, loss, jitter and round trip; null when nothing came */
            readonly mos: number | null;
        };
        /** @enum {string} */
        readonly EventType: "session.created" | "leg.updated" | "session.engaged" | "session.ready" | "field.collecting" | "field.progress" | "field.captured" | "field.rejected" | "field.hint" | "session.ready_to_confirm" | "payment.processing" | "payment.approved" | "payment.declined" | "payment.unknown" | "payment.failed" | "payment.settled" | "payment.settle_failed" | "payment.voided" | "payment.void_failed" | "payment.refunded" | "payment.refund_failed" | "payment.attention_needed" | "mask.attested" | "mask.leak_suspected" | "dtmf.transport_unexpected" | "prompt.ended" | "session.restoring" | "session.restored" | "session.degraded" | "session.lost" | "session.canceled" | "session.failed" | "session.expired";
        readonly Event: {
            readonly id: string;
            readonly type: components["schemas"]["EventType"];
            /** @description 1, 2, 3 … without gaps in a session */
            readonly seq: number;
            readonly session: components["schemas"]["SessionId"];
            readonly created: components["schemas"]["UnixMilliseconds"];
            readonly data: Record<string, unknown>;
        };
        readonly Evidence: {
            /** @constant */
            readonly object: "evidence";
            /** @description Unix ms */
            readonly made: number;
            readonly session: components["schemas"]["Session"];
            readonly legs: readonly components["schemas"]["Leg"][];
            readonly events: readonly components["schemas"]["Event"][];
            /** @description Oldest first; empty where no audit trail is kept */
            readonly audit: readonly components["schemas"]["AuditRecord"][];
        };
        /** @description One access, with its place in the trail that `sordino audit verify` proves */
        readonly AuditRecord: {
            readonly n: number;
            /** Format: date-time */
            readonly at: string;
            /** @description Method and route */
            readonly action: string;
            readonly actor: string | null;
            /** @description Network address */
            readonly source: string | null;
            readonly outcome: string;
            readonly request: string | null;
            readonly hash: string;
        };
        readonly EventList: {
            /** @constant */
            readonly object: "list";
            readonly data: readonly components["schemas"]["Event"][];
            readonly has_more: boolean;
        };
        /** @description For one call (sessions of it can be made, one after the other), or for one session */
        readonly CreateAgentToken: {
            readonly platform: components["schemas"]["Name"];
            readonly call_id: components["schemas"]["CallId"];
            readonly limit?: components["schemas"]["IntentLimit"];
            readonly ttl_seconds?: components["schemas"]["TtlSeconds"];
        } | {
            readonly session: components["schemas"]["SessionId"];
            readonly ttl_seconds?: components["schemas"]["TtlSeconds"];
        };
        /** @default 3600 */
        readonly TtlSeconds: number;
        /** @description The most that a session made with the token may ask for */
        readonly IntentLimit: {
            readonly amount_max: components["schemas"]["Amount"];
            readonly currency: components["schemas"]["Currency"];
        };
        readonly AgentToken: {
            /** @constant */
            readonly object: "agent_token";
            readonly livemode: boolean;
            readonly token: string;
            readonly session: components["schemas"]["SessionId"] | null;
            readonly platform: components["schemas"]["Name"] | null;
            readonly call_id: components["schemas"]["CallId"] | null;
            readonly limit: components["schemas"]["IntentLimit"] | null;
            readonly created: components["schemas"]["UnixSeconds"];
            readonly expires_at: components["schemas"]["UnixSeconds"];
        };
        readonly ApiKeyId: string;
        /** @description For people; runs of 13 and more digits are refused */
        readonly KeyName: string;
        /** @enum {string} */
        readonly Scope: "sessions:read" | "sessions:write" | "payments:confirm" | "payments:manage" | "payments:charge" | "audit:read" | "operations:read" | "operations:write" | "keys:read" | "keys:write";
        readonly Scopes: readonly components["schemas"]["Scope"][];
        readonly ApiKeyList: {
            /** @constant */
            readonly object: "list";
            readonly data: readonly components["schemas"]["ApiKey"][];
            readonly has_more: boolean;
        };
        readonly ApiKey: {
            readonly id: components["schemas"]["ApiKeyId"];
            /** @constant */
            readonly object: "api_key";
            readonly livemode: boolean;
            readonly name: string | null;
            /** @description The last characters of the key */
            readonly ends_with: string | null;
            readonly scopes: components["schemas"]["Scopes"];
            /** @enum {string} */
            readonly status: "active" | "expired" | "revoked";
            /**
             * @description `configuration`: it is changed there
             * @enum {string}
             */
            readonly source: "api" | "configuration";
            readonly created: components["schemas"]["UnixSeconds"] | null;
            readonly expires_at: components["schemas"]["UnixSeconds"] | null;
            readonly revoked_at: components["schemas"]["UnixSeconds"] | null;
            /** @description To the minute; of a key of the configuration since the process runs */
            readonly last_used: components["schemas"]["UnixSeconds"] | null;
            readonly replaces: components["schemas"]["ApiKeyId"] | null;
            /** @description The key itself; only in the answer that makes it */
            readonly key?: string;
        };
        readonly ConnectorId: string;
        readonly ConnectorList: {
            /** @constant */
            readonly object: "list";
            readonly data: readonly components["schemas"]["Connector"][];
            readonly has_more: boolean;
        };
        readonly Connector: {
            readonly id: components["schemas"]["ConnectorId"];
            /** @constant */
            readonly object: "connector";
            /** @description Which gateway it speaks to */
            readonly type: string;
            /** @description Whether it moves money */
            readonly livemode: boolean;
            readonly capabilities: components["schemas"]["ConnectorCapabilities"];
        };
        /** @description What is false is refused before anything is sent */
        readonly ConnectorCapabilities: {
            /** @description Charges are flagged as mail order/telephone order */
            readonly moto: boolean;
            readonly authorize: boolean;
            readonly tokenize: boolean;
            readonly settle: boolean;
            /** @description Settles less than was authorised */
            readonly partial_settle: boolean;
            readonly void: boolean;
            readonly refund: boolean;
            /** @description The same request again gives the first answer */
            readonly replay: boolean;
            /** @description An unknown outcome can be asked for */
            readonly query_by_reference: boolean;
            /** @description A charge can be undone by our reference */
            readonly cancel_by_reference: boolean;
            readonly bank_accounts: boolean;
        };
        readonly AuditEventId: string;
        readonly AuditEventList: {
            /** @constant */
            readonly object: "list";
            readonly data: readonly components["schemas"]["AuditEvent"][];
            readonly has_more: boolean;
        };
        /** @description One access, with its place in the trail */
        readonly AuditEvent: {
            readonly id: components["schemas"]["AuditEventId"];
            /** @constant */
            readonly object: "audit_event";
            readonly livemode: boolean;
            readonly created: components["schemas"]["UnixSeconds"];
            readonly n: number;
            /** Format: date-time */
            readonly at: string;
            /** @description Method and route */
            readonly action: string;
            readonly actor: string | null;
            readonly session: components["schemas"]["SessionId"] | null;
            /** @description Network address */
            readonly source: string | null;
            readonly outcome: string;
            readonly request: string | null;
            readonly hash: string;
        };
        readonly WebhookEndpointId: string;
        readonly WebhookEndpointList: {
            /** @constant */
            readonly object: "list";
            readonly data: readonly components["schemas"]["WebhookEndpoint"][];
            readonly has_more: boolean;
        };
        readonly WebhookEndpoint: {
            readonly id: components["schemas"]["WebhookEndpointId"];
            /** @constant */
            readonly object: "webhook_endpoint";
            readonly url: string;
            readonly livemode: boolean;
            /** @description `*`, `session.*` or the name of one */
            readonly events: readonly string[];
            /** @description How many sign; never which */
            readonly secrets: number;
            /** @description Unix ms, of this process */
            readonly last_taken: number | null;
            readonly last_failure: {
                /** @description Unix ms */
                readonly at: number;
                readonly reason: string;
            } | null;
            /** @description Sessions with events that are still to be taken */
            readonly waiting: number;
            /** @description Sessions whose events only a replay sends now */
            readonly gave_up: number;
        };
        readonly PlatformList: {
            /** @constant */
            readonly object: "list";
            readonly data: readonly components["schemas"]["Platform"][];
            readonly has_more: boolean;
        };
        readonly Platform: {
            readonly id: components["schemas"]["PlatformId"];
            /** @constant */
            readonly object: "platform";
            /** @description Where leg 7 goes */
            readonly return_uri: string;
            /** @description Header of INVITE 5 that may name another address */
            readonly return_header: string | null;
            /** @description Hosts that a return address may name */
            readonly return_hosts: readonly string[];
            /** @description Of `return_uri`; null where it does not say */
            readonly transport: string | null;
            /** @enum {string} */
            readonly commit: "after_leg7" | "at_once";
            /** @enum {string} */
            readonly leg5_media: "customer" | "customer_after_reinvite" | "via_platform";
            readonly correlation_headers: readonly string[];
            readonly codecs: readonly string[];
            /** @enum {string} */
            readonly crypto: "none" | "sdes" | "sdes_optional" | "dtls";
            readonly refer: {
                /** @enum {string} */
                readonly form: "off" | "target_dialog" | "replaces";
                readonly target_uri: string | null;
                readonly notify_timeout_ms: number;
            };
            readonly timers: {
                readonly leg7_answer_ms: number;
                readonly first_media_ms: number;
                readonly stalled_media_ms: number;
                readonly take_back_ms: number;
            };
            readonly session_timer: {
                readonly expires_s: number;
                readonly min_se_s: number;
            };
            /** @description How many one-time numbers there are; never which */
            readonly e164_pool: {
                readonly size: number;
                readonly free: number;
                /** @description Used a moment ago; not given out again yet */
                readonly cooling: number;
                /** @description The platform can dial nothing else */
                readonly required: boolean;
            };
            readonly probe: components["schemas"]["PlatformProbe"];
        };
        /** @description What OPTIONS told. A list that is null was not sent, which says nothing. */
        readonly PlatformProbe: {
            /** @description 0: never asked by itself */
            readonly interval_s: number;
            /** @enum {string} */
            readonly state: "off" | "unknown" | "reachable" | "unreachable";
            readonly since_ms: components["schemas"]["UnixMilliseconds"] | null;
            readonly checked_at_ms: components["schemas"]["UnixMilliseconds"] | null;
            readonly status: number | null;
            readonly round_trip_ms: number | null;
            /** @description Why no answer came */
            readonly reason: string | null;
            readonly allow: readonly string[] | null;
            readonly supported: readonly string[] | null;
            readonly accept: readonly string[] | null;
            readonly server: string | null;
            /** @description In words, what the dance needs and the platform does not list */
            readonly missing: readonly string[];
        };
        readonly Health: {
            /** @enum {string} */
            readonly status: "ok" | "not_ready";
            readonly reasons: readonly string[];
        };
        readonly Problem: {
            readonly error: {
                /** @enum {string} */
                readonly type: "invalid_request_error" | "authentication_error" | "permission_error" | "idempotency_error" | "card_error" | "call_error" | "media_error" | "connector_error" | "rate_limit_error" | "api_error";
                readonly code: string;
                /** @description What was wrong, where, and what to do */
                readonly message: string;
                readonly param: string | null;
                readonly session: components["schemas"]["SessionId"] | null;
                /** @description The same request may succeed later */
                readonly retryable: boolean;
                /** @description Agent and customer can still talk */
                readonly call_safe: boolean;
                readonly topology: components["schemas"]["Topology"] | null;
                readonly leg: string | null;
                readonly sip: components["schemas"]["SipAnswer"];
                readonly doc_url: string;
                readonly request_id: string;
            };
        };
    };
    responses: {
        /** @description The session as it is now */
        readonly Session: {
            headers: {
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/json": components["schemas"]["Session"];
            };
        };
        /** @description The operation as it is now */
        readonly Operation: {
            headers: {
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/json": components["schemas"]["Operation"];
            };
        };
        /** @description The platform as it is now */
        readonly Platform: {
            headers: {
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/json": components["schemas"]["Platform"];
            };
        };
        /** @description The key as it is now */
        readonly ApiKey: {
            headers: {
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/json": components["schemas"]["ApiKey"];
            };
        };
        /** @description The new key, with `key` this once */
        readonly NewApiKey: {
            headers: {
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/json": components["schemas"]["ApiKey"];
            };
        };
        /** @description The endpoint as it is now */
        readonly WebhookEndpoint: {
            headers: {
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/json": components["schemas"]["WebhookEndpoint"];
            };
        };
        /** @description What was wrong, where, and what to do */
        readonly Problem: {
            headers: {
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/json": components["schemas"]["Problem"];
            };
        };
    };
    parameters: {
        readonly Id: components["schemas"]["SessionId"];
        readonly Field: components["schemas"]["FieldName"];
        readonly Platform: components["schemas"]["PlatformId"];
        readonly WebhookEndpoint: components["schemas"]["WebhookEndpointId"];
        readonly After: number;
        readonly ApiKey: components["schemas"]["ApiKeyId"];
        readonly Limit: number;
        readonly IdempotencyKey: components["schemas"]["IdempotencyKey"];
        readonly IdempotencyKeyOptional: components["schemas"]["IdempotencyKey"];
    };
    requestBodies: {
        readonly OperationAmount: {
            readonly content: {
                readonly "application/json": {
                    /** @description In minor units; all that can be when left out */
                    readonly amount?: number;
                };
            };
        };
        readonly Empty: {
            readonly content: {
                readonly "application/json": Record<string, unknown>;
            };
        };
    };
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    readonly listSessions: {
        readonly parameters: {
            readonly query?: {
                readonly call_id?: components["schemas"]["CallId"];
                readonly status?: components["schemas"]["PaymentStatus"];
                readonly topology?: components["schemas"]["Topology"];
                /** @description Sessions made before this one */
                readonly starting_after?: components["schemas"]["SessionId"];
                readonly limit?: number;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A page of sessions */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["SessionList"];
                };
            };
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly createSession: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                readonly "Idempotency-Key"?: components["parameters"]["IdempotencyKeyOptional"];
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["CreateSession"];
            };
        };
        readonly responses: {
            /** @description The session, with `client_secret` this once */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Session"];
                };
            };
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly readSession: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly id: components["parameters"]["Id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            readonly 200: components["responses"]["Session"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly collectField: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly id: components["parameters"]["Id"];
                readonly name: components["parameters"]["Field"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: components["requestBodies"]["Empty"];
        readonly responses: {
            readonly 200: components["responses"]["Session"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly clearField: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly id: components["parameters"]["Id"];
                readonly name: components["parameters"]["Field"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: {
            readonly content: {
                readonly "application/json": {
                    /** @description How many digits to take back; all when left out */
                    readonly last?: number;
                };
            };
        };
        readonly responses: {
            readonly 200: components["responses"]["Session"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly confirmSession: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                readonly "Idempotency-Key": components["parameters"]["IdempotencyKey"];
            };
            readonly path: {
                readonly id: components["parameters"]["Id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: {
            readonly content: {
                readonly "application/json": {
                    /**
                     * @description A supervisor takes this payment although a charge of the same card and amount has no known outcome (`same_card_unknown`). Needs an API key with `payments:manage`;
                     *     the reason is in the session's events, and that it was given in the audit trail.
                     */
                    readonly override_unknown?: {
                        readonly reason: components["schemas"]["ShortWords"];
                    };
                };
            };
        };
        readonly responses: {
            readonly 200: components["responses"]["Session"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly settlePayment: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                readonly "Idempotency-Key": components["parameters"]["IdempotencyKey"];
            };
            readonly path: {
                readonly id: components["parameters"]["Id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: components["requestBodies"]["OperationAmount"];
        readonly responses: {
            readonly 200: components["responses"]["Operation"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly voidPayment: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                readonly "Idempotency-Key": components["parameters"]["IdempotencyKey"];
            };
            readonly path: {
                readonly id: components["parameters"]["Id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: components["requestBodies"]["OperationAmount"];
        readonly responses: {
            readonly 200: components["responses"]["Operation"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly refundPayment: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                readonly "Idempotency-Key": components["parameters"]["IdempotencyKey"];
            };
            readonly path: {
                readonly id: components["parameters"]["Id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: components["requestBodies"]["OperationAmount"];
        readonly responses: {
            readonly 200: components["responses"]["Operation"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly resolvePayment: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly id: components["parameters"]["Id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    /**
                     * @description `failed`: the gateway has no such charge, or it came to nothing
                     * @enum {string}
                     */
                    readonly outcome: "approved" | "declined" | "failed";
                    /** @description The gateway's own id of the charge. Of an approved one settle, void and refund need it. */
                    readonly gateway_id?: string;
                    /** @description Who has looked where; in the event, under `by_hand` */
                    readonly note: string;
                };
            };
        };
        readonly responses: {
            readonly 200: components["responses"]["Session"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly listOperations: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly id: components["parameters"]["Id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description In order of creation */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["OperationList"];
                };
            };
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly takeGatewayEvent: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly connector: components["schemas"]["Name"];
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "*/*": string;
            };
        };
        readonly responses: {
            /** @description Taken, also when it is about nothing of ours */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "text/plain": string;
                };
            };
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly payByConnector: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly connector: components["schemas"]["Name"];
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "*/*": string;
            };
        };
        readonly responses: {
            /** @description Charged, saved, declined, refused or not known; all names are always there */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["PayAnswer"];
                };
            };
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly cancelSession: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly id: components["parameters"]["Id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: components["requestBodies"]["Empty"];
        readonly responses: {
            readonly 200: components["responses"]["Session"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly playPrompt: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly id: components["parameters"]["Id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    /** @enum {string} */
                    readonly to: "customer" | "agent";
                    /** @description Name of a file in `media.prompts` without `.wav`, or `flat_tone`, which lasts until it is stopped; null stops what plays */
                    readonly prompt: string | null;
                };
            };
        };
        readonly responses: {
            readonly 200: components["responses"]["Session"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly restoreCall: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly id: components["parameters"]["Id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: components["requestBodies"]["Empty"];
        readonly responses: {
            readonly 200: components["responses"]["Session"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly readEvidence: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly id: components["parameters"]["Id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The session as it is now, and its history */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Evidence"];
                };
            };
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly readLegs: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly id: components["parameters"]["Id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The legs; none before the first INVITE or REFER */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["LegList"];
                };
            };
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly listEvents: {
        readonly parameters: {
            readonly query?: {
                readonly after?: components["parameters"]["After"];
                readonly limit?: number;
            };
            readonly header?: never;
            readonly path: {
                readonly id: components["parameters"]["Id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Events with a `seq` greater than `after` */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["EventList"];
                };
            };
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly streamEvents: {
        readonly parameters: {
            readonly query?: {
                readonly after?: components["parameters"]["After"];
            };
            readonly header?: {
                /** @description Takes precedence over `after` */
                readonly "Last-Event-ID"?: string;
            };
            readonly path: {
                readonly id: components["parameters"]["Id"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The stream */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "text/event-stream": string;
                };
            };
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly createAgentToken: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["CreateAgentToken"];
            };
        };
        readonly responses: {
            /** @description The token */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AgentToken"];
                };
            };
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly listPlatforms: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description All of them */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["PlatformList"];
                };
            };
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly readPlatform: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly platform: components["parameters"]["Platform"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            readonly 200: components["responses"]["Platform"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly probePlatform: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly platform: components["parameters"]["Platform"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: components["requestBodies"]["Empty"];
        readonly responses: {
            readonly 200: components["responses"]["Platform"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly listWebhookEndpoints: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description All of them */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["WebhookEndpointList"];
                };
            };
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly readWebhookEndpoint: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly endpoint: components["parameters"]["WebhookEndpoint"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            readonly 200: components["responses"]["WebhookEndpoint"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly replayWebhooks: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly endpoint: components["parameters"]["WebhookEndpoint"];
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    readonly session: components["schemas"]["SessionId"];
                    readonly from_seq: number;
                };
            };
        };
        readonly responses: {
            readonly 202: components["responses"]["WebhookEndpoint"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly listConnectors: {
        readonly parameters: {
            readonly query?: {
                readonly starting_after?: components["schemas"]["ConnectorId"];
                readonly limit?: components["parameters"]["Limit"];
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A page of connectors */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ConnectorList"];
                };
            };
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly readConnector: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly connector: components["schemas"]["ConnectorId"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The connector */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Connector"];
                };
            };
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly listApiKeys: {
        readonly parameters: {
            readonly query?: {
                readonly starting_after?: components["schemas"]["ApiKeyId"];
                readonly limit?: components["parameters"]["Limit"];
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A page of keys */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ApiKeyList"];
                };
            };
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly createApiKey: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    readonly name?: components["schemas"]["KeyName"];
                    readonly scopes: components["schemas"]["Scopes"];
                    /** @description Left out it does not expire */
                    readonly expires_at?: components["schemas"]["UnixSeconds"];
                };
            };
        };
        readonly responses: {
            readonly 201: components["responses"]["NewApiKey"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly readApiKey: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly key: components["parameters"]["ApiKey"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            readonly 200: components["responses"]["ApiKey"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly rollApiKey: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly key: components["parameters"]["ApiKey"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: {
            readonly content: {
                readonly "application/json": {
                    /**
                     * @description How long the old key goes on; 0: not at all
                     * @default 86400
                     */
                    readonly overlap_seconds?: number;
                };
            };
        };
        readonly responses: {
            readonly 201: components["responses"]["NewApiKey"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly revokeApiKey: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly key: components["parameters"]["ApiKey"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: components["requestBodies"]["Empty"];
        readonly responses: {
            readonly 200: components["responses"]["ApiKey"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly listAuditEvents: {
        readonly parameters: {
            readonly query?: {
                readonly session?: components["schemas"]["SessionId"];
                /** @description `api_key key_1`, `agent_token`, `client_secret` */
                readonly actor?: string;
                /** @description Method and route as an event has it, or what happened, such as `card_testing.suspected` */
                readonly action?: string;
                readonly since?: components["schemas"]["UnixSeconds"];
                readonly until?: components["schemas"]["UnixSeconds"];
                /** @description Events before this one */
                readonly starting_after?: components["schemas"]["AuditEventId"];
                readonly limit?: components["parameters"]["Limit"];
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A page of events */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AuditEventList"];
                };
            };
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly listTestFaults: {
        readonly parameters: {
            readonly query?: {
                /** @description Left out, the kinds of faults are listed */
                readonly session?: components["schemas"]["SessionId"];
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Kinds in the order of the failure table, or the faults of the session, newest first */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["TestFaultList"];
                };
            };
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly armTestFault: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    readonly session: components["schemas"]["SessionId"];
                    readonly fault: components["schemas"]["FaultName"];
                };
            };
        };
        readonly responses: {
            /** @description Armed, or already done; and what is to be expected */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["TestFault"];
                };
            };
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly health: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description It does */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Health"];
                };
            };
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly ready: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description It does */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Health"];
                };
            };
            /** @description It does not, and why */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Health"];
                };
            };
            readonly default: components["responses"]["Problem"];
        };
    };
}
