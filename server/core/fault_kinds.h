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

#endif
