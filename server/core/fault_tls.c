/*
 * Faults of the TLS handshake, and of what comes of it. The wire performs them: wire/tls_fault.h.
 */
#include "core/emulator.h"
#include "core/fault_kinds.h"

/* RFC 8446 section 6; older ones that RFC 8446 only reserves are from RFC 5246 section 7.2 and RFC 6066. */
const struct fault_choice fault_alerts[] = {
	{ "close_notify", 0 },
	{ "unexpected_message", 10 },
	{ "bad_record_mac", 20 },
	{ "decryption_failed", 21 },
	{ "record_overflow", 22 },
	{ "decompression_failure", 30 },
	{ "handshake_failure", 40 },
	{ "no_certificate", 41 },
	{ "bad_certificate", 42 },
	{ "unsupported_certificate", 43 },
	{ "certificate_revoked", 44 },
	{ "certificate_expired", 45 },
	{ "certificate_unknown", 46 },
	{ "illegal_parameter", 47 },
	{ "unknown_ca", 48 },
	{ "access_denied", 49 },
	{ "decode_error", 50 },
	{ "decrypt_error", 51 },
	{ "export_restriction", 60 },
	{ "protocol_version", 70 },
	{ "insufficient_security", 71 },
	{ "internal_error", 80 },
	{ "inappropriate_fallback", 86 },
	{ "user_canceled", 90 },
	{ "no_renegotiation", 100 },
	{ "missing_extension", 109 },
	{ "unsupported_extension", 110 },
	{ "certificate_unobtainable", 111 },
	{ "unrecognized_name", 112 },
	{ "bad_certificate_status_response", 113 },
	{ "bad_certificate_hash_value", 114 },
	{ "unknown_psk_identity", 115 },
	{ "certificate_required", 116 },
	{ "no_application_protocol", 120 },
	{ 0 },
};

/* ---- there is no handshake ---- */

static void end_it(const struct fault_act *act, enum tls_act how)
{
	act->tls->act = how;
	act->tls->after_ms = act->values->after_ms > 0 ? act->emulator->now_ms + act->values->after_ms : 0;
}

void fault_tls_reset(const struct fault_act *act)
{
	end_it(act, TLS_RESET);
}

void fault_tls_alert(const struct fault_act *act)
{
	end_it(act, TLS_SEND_ALERT);
	act->tls->alert = (uint8_t)act->values->alert;
}

void fault_tls_plain(const struct fault_act *act)
{
	end_it(act, TLS_SEND_PLAIN);
}

void fault_tls_garbage(const struct fault_act *act)
{
	end_it(act, TLS_SEND_GARBAGE);
	act->tls->bytes = (size_t)act->values->bytes;
	act->tls->random = act->random;
}

/* ---- it takes its time ---- */

static void stall(const struct fault_act *act, enum tls_act where)
{
	const int64_t until_ms = act->emulator->now_ms + act->values->after_ms;

	act->tls->act = where;
	act->tls->until_ms = act->values->after_ms > 0 && until_ms < act->until_ms ? until_ms : act->until_ms;
}

void fault_tls_stall(const struct fault_act *act)
{
	stall(act, TLS_STALL);
}

void fault_tls_stall_after_hello(const struct fault_act *act)
{
	stall(act, TLS_STALL_AFTER_HELLO);
}

void fault_tls_byte_by_byte(const struct fault_act *act)
{
	act->tls->byte_ms = act->values->step_ms;
}

/* ---- the certificate ---- */

void fault_certificate_expired(const struct fault_act *act)
{
	act->tls->identity = IDENTITY_EXPIRED;
}

void fault_certificate_not_yet_valid(const struct fault_act *act)
{
	act->tls->identity = IDENTITY_NOT_YET_VALID;
}

void fault_certificate_wrong_host(const struct fault_act *act)
{
	act->tls->identity = IDENTITY_WRONG_HOST;
}

void fault_certificate_untrusted(const struct fault_act *act)
{
	act->tls->identity = IDENTITY_UNTRUSTED;
}

void fault_certificate_changed(const struct fault_act *act)
{
	act->tls->identity = IDENTITY_CHANGED;
}

/* ---- what is agreed upon ---- */

void fault_tls_version(const struct fault_act *act)
{
	act->tls->version_floor = (int)act->values->version_floor;
	act->tls->version_ceiling = (int)act->values->version_ceiling;
}

void fault_tls_no_resumption(const struct fault_act *act)
{
	act->tls->refuse_resumption = true;
}

/* ---- after it ---- */

void fault_tls_corrupt_record(const struct fault_act *act)
{
	act->tls->corrupt_record = (uint32_t)act->values->record;
}
