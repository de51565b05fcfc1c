/*
 * What the kinds do: one function a row of the table in fault_kinds.c.
 */
#ifndef CPGW_CORE_FAULT_KINDS_H
#define CPGW_CORE_FAULT_KINDS_H

#include "core/fault.h"

/* fault_upstream.c */
void fault_upstream_status(const struct fault_act *act);
void fault_upstream_reply(const struct fault_act *act);
void fault_upstream_hang(const struct fault_act *act);
void fault_upstream_truncated(const struct fault_act *act);
void fault_upstream_creep(const struct fault_act *act);

/* fault_answer.c */
void fault_status(const struct fault_act *act);
void fault_headers(const struct fault_act *act);
void fault_content_type(const struct fault_act *act);
void fault_body(const struct fault_act *act);
void fault_html_body(const struct fault_act *act);
void fault_empty_body(const struct fault_act *act);
void fault_invalid_json(const struct fault_act *act);
void fault_invalid_utf8(const struct fault_act *act);
void fault_content_length_too_long(const struct fault_act *act);
void fault_content_length_too_short(const struct fault_act *act);
void fault_content_length_twice(const struct fault_act *act);
void fault_malformed_response_chunk(const struct fault_act *act);
void fault_random_data_then_close(const struct fault_act *act);
void fault_empty_response(const struct fault_act *act);

/* fault_delay.c */
void fault_fixed(const struct fault_act *act);
void fault_uniform(const struct fault_act *act);
void fault_lognormal(const struct fault_act *act);
void fault_chunked_dribble(const struct fault_act *act);
void fault_bandwidth(const struct fault_act *act);
void fault_slow_close(const struct fault_act *act);
void fault_timeout(const struct fault_act *act);

/* fault_connection.c */
void fault_reset_peer(const struct fault_act *act);
void fault_fin_without_close_notify(const struct fault_act *act);
void fault_limit_data(const struct fault_act *act);
void fault_slicer(const struct fault_act *act);
void fault_close_on_reuse(const struct fault_act *act);
void fault_refuse(const struct fault_act *act);
void fault_backlog_full(const struct fault_act *act);
void fault_accept_reset(const struct fault_act *act);
void fault_accept_close(const struct fault_act *act);
void fault_accept_stall(const struct fault_act *act);

/* fault_tls.c */
void fault_tls_reset(const struct fault_act *act);
void fault_tls_stall(const struct fault_act *act);
void fault_tls_stall_after_hello(const struct fault_act *act);
void fault_tls_byte_by_byte(const struct fault_act *act);
void fault_tls_alert(const struct fault_act *act);
void fault_tls_plain(const struct fault_act *act);
void fault_tls_garbage(const struct fault_act *act);
void fault_certificate_expired(const struct fault_act *act);
void fault_certificate_not_yet_valid(const struct fault_act *act);
void fault_certificate_wrong_host(const struct fault_act *act);
void fault_certificate_untrusted(const struct fault_act *act);
void fault_certificate_changed(const struct fault_act *act);
void fault_tls_version(const struct fault_act *act);
void fault_tls_no_resumption(const struct fault_act *act);
void fault_tls_corrupt_record(const struct fault_act *act);

/* Names of alerts and their numbers. */
extern const struct fault_choice fault_alerts[];

#endif
